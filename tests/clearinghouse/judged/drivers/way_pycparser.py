"""The ways into pycparser."""

import contextlib
import io

from pycparser import c_ast, c_generator, c_parser


class _Names(c_ast.NodeVisitor):
    def visit_Decl(self, node: c_ast.Node) -> None:  # noqa: N802 the visitor calls it by the node's class
        """Go on below a declaration."""
        self.generic_visit(node)


def exercise(way: int, data: bytes) -> None:
    """Parse a translation unit; write it again, visit it or show it."""
    with contextlib.suppress(c_parser.ParseError):
        tree = c_parser.CParser().parse(data.decode(errors="replace"), "proof.c")
        if way == 0:
            c_generator.CGenerator().visit(tree)
        elif way == 1:
            tree.show(buf=io.StringIO(), attrnames=True, nodenames=True, showcoord=True)
        else:
            _Names().visit(tree)
            c_generator.CGenerator(reduce_parentheses=True).visit(tree)
