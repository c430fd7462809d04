using System.Buffers.Text;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>Metadata as HTTP headers: binary values are base64, and the protocol's own headers are not metadata.</summary>
internal static class MetadataCodec
{
    /// <summary>The header's value. Base64 goes out without padding, as other implementations send it.</summary>
    public static string Encode(Metadata.Entry entry) =>
        entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes).TrimEnd('=') : entry.Value;

    /// <summary>Adds a received header, unless it is the protocol's.</summary>
    public static void Decode(string name, string value, Metadata destination)
    {
        if (name.Length == 0 || name[0] == ':' || IsReserved(name))
            return;

        var key = name.ToLowerInvariant();
        if (!key.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.Ordinal))
        {
            destination.Add(Metadata.Entry.Received(key, value));
            return;
        }

        // An intermediary may have joined several values with commas.
        foreach (var range in value.AsSpan().Split(','))
        {
            if (TryDecodeBase64(value.AsSpan(range).Trim(), out var bytes))
                destination.Add(Metadata.Entry.Received(key, bytes));
        }
    }

    /// <summary>Says whether a header belongs to HTTP/2 or gRPC itself.</summary>
    public static bool IsReserved(string name) =>
        (name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase)
            && !name.Equals("grpc-status-details-bin", StringComparison.OrdinalIgnoreCase))
        || name.Equals("content-type", StringComparison.OrdinalIgnoreCase)
        || name.Equals("content-length", StringComparison.OrdinalIgnoreCase)
        || name.Equals("te", StringComparison.OrdinalIgnoreCase)
        || name.Equals("host", StringComparison.OrdinalIgnoreCase)
        || name.Equals("connection", StringComparison.OrdinalIgnoreCase)
        || name.Equals("transfer-encoding", StringComparison.OrdinalIgnoreCase);

    private static bool TryDecodeBase64(ReadOnlySpan<char> text, out byte[] bytes)
    {
        text = text.TrimEnd('=');
        var padded = string.Concat(text, new string('=', (4 - (text.Length % 4)) % 4));
        bytes = [];
        if (!Base64.IsValid(padded))
            return false;
        bytes = Convert.FromBase64String(padded);
        return true;
    }
}
