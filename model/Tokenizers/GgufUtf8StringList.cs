using Cluster.Model.Gguf;

namespace Cluster.Model.Tokenizers;

/// <summary>Strings in a file's metadata.</summary>
internal sealed class GgufUtf8StringList(GgufStringArray strings) : IUtf8StringList
{
    public int Count => strings.Count;

    public ReadOnlySpan<byte> this[int index] => strings.Utf8(index);
}
