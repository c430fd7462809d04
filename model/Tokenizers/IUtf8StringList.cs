namespace Cluster.Model.Tokenizers;

/// <summary>A list of strings as bytes, so that a vocabulary is read without one string object a token.</summary>
internal interface IUtf8StringList
{
    int Count { get; }

    ReadOnlySpan<byte> this[int index] { get; }
}
