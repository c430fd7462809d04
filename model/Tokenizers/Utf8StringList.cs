namespace Cluster.Model.Tokenizers;

/// <summary>Strings that are in memory one by one.</summary>
internal sealed class Utf8StringList(IReadOnlyList<byte[]> strings) : IUtf8StringList
{
    public int Count => strings.Count;

    public ReadOnlySpan<byte> this[int index] => strings[index];
}
