package report

import (
	"testing"
	"text/template/parse"

	"github.com/stretchr/testify/require"
)

// TestAllIsEscaped holds what the template is trusted with: each value that it
// writes goes through html, or t, which does the same, but for our own style
// and drawings, and each stands between elements, where that is enough. The
// code of the language is one of the program's own.
func TestAllIsEscaped(t *testing.T) {
	raw := map[string]bool{"{{.Style}}": true, "{{.Bar}}": true, "{{.AGP}}": true, "{{.Strip}}": true}
	inside, written := false, 0
	var walk func(parse.Node)
	walk = func(n parse.Node) {
		switch n := n.(type) {
		case *parse.ListNode:
			if n == nil {
				return
			}
			for _, child := range n.Nodes {
				walk(child)
			}
		case *parse.TextNode:
			for _, c := range n.Text {
				inside = c == '<' || inside && c != '>'
			}
		case *parse.IfNode:
			walk(n.List)
			walk(n.ElseList)
		case *parse.RangeNode:
			walk(n.List)
			walk(n.ElseList)
		case *parse.WithNode:
			walk(n.List)
			walk(n.ElseList)
		case *parse.ActionNode:
			written++
			if n.String() == "{{.Lang}}" {
				return
			}
			require.False(t, inside, "%s stands in an element's name or attributes", n)
			if raw[n.String()] {
				delete(raw, n.String()) // once each
				return
			}
			require.Len(t, n.Pipe.Cmds, 1, n)
			require.Contains(t, []string{"html", "t"}, n.Pipe.Cmds[0].Args[0].String(), "%s is not escaped", n)
		default:
			require.Fail(t, "the template holds what this test does not know", "%T %s", n, n)
		}
	}
	walk(pageTemplate.Tree.Root)
	require.Empty(t, raw)
	require.Greater(t, written, 20)
	require.Equal(t, "a &lt;b&gt; &amp;", text("a %s &", "<b>"))
}
