namespace Cluster.Model.Tokenizers.PreTokenizers;

/// <summary>
/// What the pre-tokenizers' rules ask of a character: <c>\p{L} \p{N} \p{P} \p{S} \p{M}</c> are Unicode's general categories,
/// <c>\s</c> is its White_Space property.
/// </summary>
[Flags]
internal enum CharacterClass : byte
{
    Other = 0,
    Letter = 1,
    Number = 2,
    Punctuation = 4,
    Symbol = 8,
    Mark = 16,
    Whitespace = 32,
}
