using System.Security.Cryptography;

namespace Cluster.Protos.Models;

/// <summary>A model file as pieces that are known by their hashes, so that whoever brings one need not be trusted.</summary>
public static class PieceHashes
{
    /// <summary>Bytes of a piece: half of what a message may have.</summary>
    public const int PieceBytes = 2 << 20;

    /// <summary>Pieces of the largest file that one description has room for: 128 thousand, 256 GiB.</summary>
    public const int MaxPieces = 127 * 1024;

    /// <summary>The name of the content whose pieces have these hashes.</summary>
    public static byte[] Name(ReadOnlySpan<byte> hashes) => SHA256.HashData(hashes);

    /// <summary>The hash of piece <paramref name="index"/>.</summary>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> hashes, int index) => hashes.Slice(index * SHA256.HashSizeInBytes, SHA256.HashSizeInBytes);

    /// <summary>Pieces of a file.</summary>
    public static int Count(long length) => checked((int)((length + PieceBytes - 1) / PieceBytes));

    /// <summary>Bytes of piece <paramref name="index"/> of a file of <paramref name="length"/>.</summary>
    public static int Length(long length, int index) => (int)Math.Min(PieceBytes, length - (long)index * PieceBytes);
}
