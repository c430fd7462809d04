namespace Cluster.Coordinator.Api;

/// <summary>A checked request to <c>/tokenize</c>.</summary>
internal sealed record TokenizeRequest
{
    public static readonly ParameterTable<TokenizeRequest> Table = new(
        ["content"],
        [],
        [
            new("content", """{"type":"string"}""", "The text.", static (r, v) => r with { Content = v.Text() }),
            new("add_special", """{"type":"boolean","default":false}""", "Add the tokens that begin and end a text.", static (r, v) => r with { AddSpecial = v.Boolean() }),
            new("parse_special", """{"type":"boolean","default":true}""", "Texts of special tokens become these tokens.", static (r, v) => r with { ParseSpecial = v.Boolean() }),
            new("with_pieces", """{"type":"boolean","default":false}""", "Tell the text of each token.", static (r, v) => r with { WithPieces = v.Boolean() }),
        ]);

    public string Content { get; init; } = "";

    public bool AddSpecial { get; init; }

    public bool ParseSpecial { get; init; } = true;

    public bool WithPieces { get; init; }
}
