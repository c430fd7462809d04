namespace Cluster.Compute.Cuda.Interop;

/// <summary>ncclUniqueId.</summary>
internal unsafe struct NcclUniqueId
{
    public const int Size = 128;

    private fixed byte _bytes[Size];

    public static NcclUniqueId Of(ReadOnlySpan<byte> bytes)
    {
        var id = default(NcclUniqueId);
        bytes.CopyTo(new Span<byte>(id._bytes, Size));
        return id;
    }

    public byte[] ToArray()
    {
        fixed (byte* bytes = _bytes) return new ReadOnlySpan<byte>(bytes, Size).ToArray();
    }
}
