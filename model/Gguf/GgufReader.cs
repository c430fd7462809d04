using System.Runtime.CompilerServices;
using System.Text;

namespace Cluster.Model.Gguf;

/// <summary>
/// Bounds-checked little-endian cursor over a file's bytes, wherever these lie. Every count and length that it returns has been
/// held against the bytes that remain, so that callers may trust it before they allocate.
/// </summary>
internal unsafe struct GgufReader(byte* start, long length, string file)
{
    private readonly byte* _start = start;

    public readonly long Length => length;

    public readonly string File => file;

    public long Position { get; private set; }

    /// <summary>Tensor whose description is being read, for messages.</summary>
    public string? Tensor { get; set; }

    public readonly long Remaining => length - Position;

    public T Read<T>(string what) where T : unmanaged
    {
        if (Remaining < sizeof(T))
            throw Truncated(what, sizeof(T));
        T value = Unsafe.ReadUnaligned<T>(_start + Position);
        Position += sizeof(T);
        return value;
    }

    public void Skip(long bytes, string what)
    {
        if (bytes < 0 || bytes > Remaining)
            throw Truncated(what, bytes);
        Position += bytes;
    }

    /// <summary>Reads a count of things that take at least <paramref name="minimumBytes"/> each, and refuses what cannot fit.</summary>
    public long ReadCount(string what, int minimumBytes)
    {
        long at = Position;
        ulong count = Read<ulong>(what);
        if (count > (ulong)(Remaining / minimumBytes))
            throw Error($"{what} is {count}, but only {Remaining} bytes remain in the file", at);
        return (long)count;
    }

    /// <summary>Reads a string's length and returns its bytes in place.</summary>
    public ReadOnlySpan<byte> ReadStringBytes(string what, int maxBytes)
    {
        long at = Position;
        ulong bytes = Read<ulong>(what); // not "length of …": messages are composed only when they are thrown
        if (bytes > (ulong)Remaining)
            throw Error($"{what} has a length of {bytes} bytes, but only {Remaining} remain in the file", at);
        if (bytes > (ulong)maxBytes)
            throw Error($"{what} has a length of {bytes} bytes (at most {maxBytes} are allowed)", at);
        var span = new ReadOnlySpan<byte>(_start + Position, (int)bytes);
        Position += (long)bytes;
        return span;
    }

    /// <summary>Skips a run of strings: vocabularies have hundreds of thousands, and a program's start waits for this.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void SkipStrings(long count, string what)
    {
        long position = Position;
        for (long i = 0; i < count; i++)
        {
            long behindLength = length - position - sizeof(ulong);
            ulong bytes = behindLength >= 0 ? Unsafe.ReadUnaligned<ulong>(_start + position) : ulong.MaxValue;
            if (bytes > (ulong)Math.Max(behindLength, 0))
            {
                Position = position;
                ReadStringBytes(what, int.MaxValue); // throws: it finds the same, and says what
            }
            position += sizeof(ulong) + (long)bytes;
        }
        Position = position;
    }

    public string ReadName(string what, int maxBytes)
    {
        long at = Position;
        ReadOnlySpan<byte> bytes = ReadStringBytes(what, maxBytes);
        if (bytes.IsEmpty)
            throw Error($"{what} is empty", at);
        return Encoding.UTF8.GetString(bytes);
    }

    public readonly ReadOnlySpan<byte> View(long offset, int count) => new(_start + offset, count);

    public readonly GgufFormatException Error(string problem, long offset) => new(problem, file, offset, Tensor);

    private readonly GgufFormatException Truncated(string what, long bytes) =>
        Error($"file ends within {what}: {bytes} bytes needed, {Remaining} left", Position);
}
