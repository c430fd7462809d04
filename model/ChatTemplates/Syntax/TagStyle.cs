namespace Cluster.Model.ChatTemplates.Syntax;

/// <summary>How a kind of tag is written and whether it takes whitespace around it away of itself.</summary>
/// <param name="Begin">Kind of its first token.</param>
/// <param name="End">Kind of its last token.</param>
/// <param name="Closing">What ends it.</param>
/// <param name="TrimsLine">
/// Whether the spaces before it on its line and the line break after it are not part of the text (<c>lstrip_blocks</c> and
/// <c>trim_blocks</c>, which chat templates are written for).
/// </param>
internal sealed record TagStyle(TokenKind Begin, TokenKind End, string Closing, bool TrimsLine)
{
    public static readonly TagStyle Block = new(TokenKind.BlockBegin, TokenKind.BlockEnd, "%}", true);

    public static readonly TagStyle Variable = new(TokenKind.VariableBegin, TokenKind.VariableEnd, "}}", false);

    public static readonly TagStyle Comment = new(TokenKind.Data, TokenKind.Data, "#}", true);
}
