using System.Security.Cryptography;
using Cluster.Model.Gguf;
using Cluster.Protos.V1;
using Google.Protobuf;

namespace Cluster.Protos.Models;

/// <summary>Tells whether two machines' files are the same model without reading their weights: length, and a hash of the header.</summary>
public static class ModelReferences
{
    private const int ChunkBytes = 64 * 1024;

    /// <summary>What a plan says of a model file.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ModelReference Describe(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new ModelReference
        {
            Path = Path.GetFullPath(file.Path),
            Length = (ulong)file.Length,
            HeaderSha256 = ByteString.CopyFrom(HashHeader(file)),
        };
    }

    /// <summary>Bytes before the tensor data.</summary>
    public static long HeaderBytes(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var end = file.Length;
        foreach (var tensor in file.Tensors) end = Math.Min(end, tensor.Offset);
        return end;
    }

    /// <summary>SHA-256 of everything before the tensor data: version, metadata with the tokenizer, names, shapes, offsets.</summary>
    /// <exception cref="IOException">The file cannot be read, or has become shorter.</exception>
    public static byte[] HashHeader(GgufFile file)
    {
        var end = HeaderBytes(file);
        using var handle = File.OpenHandle(file.Path, share: FileShare.ReadWrite);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[ChunkBytes];
        for (long at = 0; at < end;)
        {
            var read = RandomAccess.Read(handle, buffer.AsSpan(0, (int)Math.Min(ChunkBytes, end - at)), at);
            if (read == 0) throw new EndOfStreamException($"{file.Path}: the file has become shorter while it was read");
            hash.AppendData(buffer, 0, read);
            at += read;
        }

        return hash.GetHashAndReset();
    }
}
