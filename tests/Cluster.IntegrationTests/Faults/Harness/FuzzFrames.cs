using System.Buffers.Binary;

namespace Cluster.IntegrationTests.Faults.Harness;

/// <summary>What no rank sends to another over their socket: frames of other plans, steps, operations and kinds, of lengths that are wrong or absurd, and noise.</summary>
internal sealed class FuzzFrames(Random random)
{
    // "CFRM", as numbers of 4, 8 and 16 bytes follow it: length, plan, step, operation, kind.
    private const uint Marker = 0x4D524643;
    private const int HeaderBytes = 32;

    public byte[] Next(ulong plan, ulong step)
    {
        var bytes = new List<byte>();
        for (var count = random.Next(1, 24); count > 0; count--) bytes.AddRange(random.Next(12) == 0 ? Noise(4096) : Frame(plan, step));
        return random.Next(4) == 0 ? [.. bytes.Take(random.Next(bytes.Count))] : [.. bytes];
    }

    private byte[] Frame(ulong plan, ulong step)
    {
        var payload = Noise(random.Next(3) == 0 ? 64 * 1024 : 2048);
        var header = new byte[HeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, random.Next(20) == 0 ? (uint)random.Next() : Marker);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), random.Next(10) switch { 0 => -random.Next(), 1 => random.Next(), 2 => 0, _ => payload.Length });
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(8), random.Next(6) switch { 0 => plan - 1, 1 => (ulong)random.NextInt64(), _ => plan });
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(16), random.Next(4) switch { 0 => 0, 1 => step + 1, _ => step });
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(24), random.Next(4) == 0 ? (uint)random.Next() : (uint)random.Next(4));
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(28), random.Next(8) == 0 ? random.Next() : random.Next(6));
        return [.. header, .. payload];
    }

    private byte[] Noise(int most)
    {
        var bytes = new byte[random.Next(1, most)];
        random.NextBytes(bytes);
        return bytes;
    }
}
