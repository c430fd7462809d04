using System.Collections.Immutable;
using System.Net;
using Cluster.Coordinator.Security;
using Cluster.Model.Processors;

namespace Cluster.Coordinator.Benchmarking;

/// <summary>What is measured, on whom.</summary>
internal sealed record BenchmarkOptions
{
    /// <summary>Tokens that are taken in before anything is measured.</summary>
    public const int WarmUpPrompt = 64;

    /// <summary>Tokens that are generated before anything is measured.</summary>
    public const int WarmUpGenerate = 16;

    /// <summary>Tokens of a cache block.</summary>
    public const int BlockTokens = 32;

    public required BenchmarkAxes Axes { get; init; }

    /// <summary>Where the authority of a cluster that talks over TLS is, which workers of our own do not need; null for plain text.</summary>
    public SecurityFolder? Security { get; init; }

    /// <summary>Of each test, after the warm-up.</summary>
    public required int Repetitions { get; init; }

    /// <summary>Whether ranks on GPUs time their kernels in one more repetition.</summary>
    public bool TimesKernels { get; init; }

    /// <summary>Prompt tokens of one step at most.</summary>
    public required int PrefillChunk { get; init; }

    /// <summary>How much of the work each rank of every split takes; empty: all the same.</summary>
    public ImmutableArray<double> Shares { get; init; } = [];

    /// <summary>Workers of others to wait for; null to start local ones.</summary>
    public required int? JoinedWorkers { get; init; }

    /// <summary>What local workers compute with: one for all, or one for each.</summary>
    public IReadOnlyList<string> Devices { get; init; } = ["cpu"];

    /// <summary>Processors shared out among local workers; null for the system to choose.</summary>
    public CpuList? Cpus { get; init; }

    /// <summary>Where workers join.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>Tokens of the longest sequence.</summary>
    public int ContextLength =>
        Math.Max(Axes.Tests.Max(test => test.SequenceTokens), Math.Max(WarmUpPrompt, WarmUpGenerate) + 2);

    /// <summary>
    /// Tokens that the KV cache has to hold: filled blocks stay, and beside them each sequence needs its own, one that is begun and one to spare.
    /// </summary>
    public long CacheTokens => Axes.Batches.Max() * (long)(Axes.Depths.Max() + RoundUp(LongestTail) + 2 * BlockTokens);

    private int LongestTail => Math.Max(Axes.Tests.Max(test => test.SequenceTokens - test.Depth), Math.Max(WarmUpPrompt, WarmUpGenerate) + 2);

    private static int RoundUp(int tokens) => (tokens + BlockTokens - 1) / BlockTokens * BlockTokens;
}
