namespace Cluster.Model.ChatTemplates.Syntax;

internal enum TokenKind
{
    /// <summary>Text between tags, with the whitespace already taken away that its neighbours ask for.</summary>
    Data,
    VariableBegin,
    VariableEnd,
    BlockBegin,
    BlockEnd,
    Name,

    /// <summary>A literal; the token's text is its value.</summary>
    String,
    Integer,
    Float,
    Operator,
    EndOfTemplate,
}
