using System.Collections;
using System.Runtime.CompilerServices;
using Cluster.Compute.OpenCl.Memory;

namespace Cluster.Compute.OpenCl;

/// <summary>Values for a kernel's parameters, in their order; written as <c>new OpenClArguments { a, b }</c>. Sizes must be those of the parameters.</summary>
internal unsafe struct OpenClArguments : IEnumerable
{
    /// <summary>Parameters of any kernel, at most.</summary>
    private const int MaxCount = 24;

    private fixed ulong _words[MaxCount];
    private fixed byte _bytes[MaxCount];

    public int Count { get; private set; }

    /// <summary>Memory; null where the kernel takes a null pointer.</summary>
    public void Add(OpenClMemory? memory) => Add(memory?.Handle ?? 0);

    public void Add<T>(T value)
        where T : unmanaged
    {
        if (Count == MaxCount || sizeof(T) > sizeof(ulong)) throw new InvalidOperationException("too many kernel arguments, or too large a one");
        Unsafe.WriteUnaligned(ref Unsafe.As<ulong, byte>(ref _words[Count]), value);
        _bytes[Count++] = (byte)sizeof(T);
    }

    /// <summary>A value, in the low bytes of a word.</summary>
    public readonly ulong Value(int index, out int bytes)
    {
        bytes = _bytes[index];
        return _words[index];
    }

    readonly IEnumerator IEnumerable.GetEnumerator() => throw new NotSupportedException();
}
