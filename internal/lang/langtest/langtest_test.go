package langtest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/lang"
)

func TestMasked(t *testing.T) {
	require.Equal(t, "Νο %[2]s φορ %d%% οφ %5.1f", Masked("No %[2]s for %d%% of %5.1f"))
	require.Equal(t, "Οφφ", Masked("switch|Off"))

	defer lang.Pretend(Masked)()
	require.Empty(t, Bare(lang.F("No value of %s for %s: %s", "Anna", lang.For(90e9), "5,4 mmol/L"), "Anna"))
	require.Empty(t, Bare(lang.T("LibreLinkUp and llutray say LO or HI")))
	require.Equal(t, []string{"and", "e-mail"}, Bare(lang.T("One")+" and "+"e-mail"))
}

func TestLines(t *testing.T) {
	require.Equal(t, 0, Lines(" ", 5))
	require.Equal(t, 1, Lines("ab cd", 5))
	require.Equal(t, 2, Lines("ab cde", 5))
	require.Equal(t, 3, Lines("abcdefg hi jkl", 5))
}
