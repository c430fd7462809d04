using System.Diagnostics;

namespace Cluster.IntegrationTests.Faults.Harness;

/// <summary>How long a fuzzing run goes on: until the first limit is reached.</summary>
/// <param name="Cases">On listeners, at most.</param>
/// <param name="Channels">Sockets between ranks that are lied on, at most.</param>
/// <param name="Time">From now, at most.</param>
internal sealed record FuzzExtent(int Cases, int Channels, TimeSpan Time)
{
    private readonly long _began = Stopwatch.GetTimestamp();

    /// <summary>The part that is over; the run ends at 1.</summary>
    /// <param name="done">Cases that were begun.</param>
    /// <param name="most"><see cref="Cases"/> or <see cref="Channels"/>.</param>
    public double Part(int done, int most) => Math.Max((double)done / most, Stopwatch.GetElapsedTime(_began) / Time);
}
