package history

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/lang/langtest"
)

func TestTextsPassThroughLang(t *testing.T) {
	defer lang.Pretend(langtest.Masked)()
	s := &Store{path: "/"}
	for _, err := range []error{
		s.readError(errors.New("1")), s.writeError(errors.New("1")), openError("/", errors.New("1")), openError("/", fs.ErrPermission),
		ErrNoHistory, errForeign, errDamaged, damaged("1"),
	} {
		require.Empty(t, langtest.Bare(err.Error(), fs.ErrPermission.Error()), err)
	}
}
