using System.Numerics;

namespace Cluster.Worker.Collectives.Channels;

/// <summary>
/// Received bytes that wait to be taken from the front, in one piece. It grows to what has ever waited at once, up to a limit, and
/// never moves or overwrites what is held.
/// </summary>
internal sealed class ReceiveBuffer(int limit)
{
    private const int InitialBytes = 64 * 1024;

    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(Math.Min(InitialBytes, limit));
    private int _start;
    private int _end;

    public ReadOnlySpan<byte> Waiting => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Room to receive into, behind what waits; empty when the limit is reached.</summary>
    /// <param name="wanted">Bytes of room below which more is made.</param>
    /// <param name="held">What waits must stay where it is: somebody reads it.</param>
    public Span<byte> Room(int wanted, bool held)
    {
        if (_bytes.Length - _end < wanted)
        {
            if (_start > 0 && !held)
            {
                Waiting.CopyTo(_bytes);
                _end -= _start;
                _start = 0;
            }

            if (_bytes.Length - _end < wanted) Grow(wanted);
        }

        return _bytes.AsSpan(_end);
    }

    public void Received(int count) => _end += count;

    public void Take(int count)
    {
        _start += count;
        if (_start == _end) _start = _end = 0;
    }

    /// <summary>Into a new array: who reads the old one keeps it.</summary>
    private void Grow(int wanted)
    {
        var waiting = Waiting;
        var size = (int)Math.Min((uint)limit, BitOperations.RoundUpToPowerOf2((uint)(waiting.Length + wanted)));
        if (size <= waiting.Length) return;
        var larger = GC.AllocateUninitializedArray<byte>(size);
        waiting.CopyTo(larger);
        _end = waiting.Length;
        _start = 0;
        _bytes = larger;
    }
}
