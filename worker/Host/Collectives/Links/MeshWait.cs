using System.Diagnostics;
using System.Net.Sockets;
using Cluster.Worker.Threading;

namespace Cluster.Worker.Collectives.Links;

/// <summary>
/// How the compute thread waits for a peer. Streams have network threads of their own, which set the signal. Sockets have none: it
/// looks again for a short while, because a frame of a running collective is microseconds away, then sleeps on the socket, and every
/// now and then looks for aborts and at the other sockets, whose senders must not wait for this one.
/// </summary>
internal sealed class MeshWait(PeerLink?[] links, WakeSignal signal)
{
    /// <summary>Microseconds of looking again before sleeping: some times what an exchange of a small frame takes.</summary>
    private const int SpinMicroseconds = 50;

    /// <summary>How late an abort or the end of another link may be noticed.</summary>
    private const int SleepMilliseconds = 1;

    private static readonly long s_spinTicks = Stopwatch.Frequency * SpinMicroseconds / 1_000_000;

    /// <summary>Returns when a frame may have come from <paramref name="link"/>, or something else may have happened.</summary>
    public void ToReceive(PeerLink link)
    {
        if (link.Socket is not { } socket)
        {
            WaitForSignal();
            return;
        }

        var began = Stopwatch.GetTimestamp();
        do
        {
            if (socket.TryPeek(out _, out _) || socket.End is not null) return;
        }
        while (Stopwatch.GetTimestamp() - began < s_spinTicks);
        if (!socket.Poll(SelectMode.SelectRead, SleepMilliseconds)) Pump();
    }

    /// <summary>Returns when <paramref name="link"/> may take more, or something else may have happened.</summary>
    public void ToSend(PeerLink link)
    {
        if (link.Socket is not { } socket)
        {
            WaitForSignal();
            return;
        }

        // The peer may be sending as well: it goes on when there is room here.
        Pump();
        socket.Poll(SelectMode.SelectWrite, SleepMilliseconds);
    }

    private void WaitForSignal()
    {
        if (!Pump()) signal.Wait();
        else signal.Wait(SleepMilliseconds);
    }

    /// <summary>Takes in what has come on the sockets. False when there are none.</summary>
    private bool Pump()
    {
        var any = false;
        foreach (var link in links)
        {
            if (link?.Socket is not { } socket) continue;
            socket.Pump();
            any = true;
        }

        return any;
    }
}
