using Cluster.Protos.V1;

namespace Cluster.Coordinator.Engine.Statistics;

/// <summary>Where the time of steps went on one rank.</summary>
/// <param name="Attention">RoPE, the cache's appends, attention.</param>
/// <param name="ColumnProducts">Products of column-parallel matrices: Q, K, V, gate, up.</param>
/// <param name="RowProducts">Products of row-parallel matrices: output, down.</param>
/// <param name="Head">The last stage's head and what it makes of logits.</param>
/// <param name="Wire">Coding, sending, taking in and adding of activations.</param>
/// <param name="Wait">Waiting for activations of peers, or for room to send them.</param>
/// <param name="Other">Embedding, norms, activation functions, residuals, reading requests.</param>
internal readonly record struct RankTimes(
    TimeSpan Attention, TimeSpan ColumnProducts, TimeSpan RowProducts, TimeSpan Head, TimeSpan Wire, TimeSpan Wait, TimeSpan Other)
{
    /// <summary>From a step's taking up to its answer.</summary>
    public TimeSpan Total => Compute + Wire + Wait;

    public TimeSpan Compute => Attention + ColumnProducts + RowProducts + Head + Other;

    /// <summary>Of one answer.</summary>
    public static RankTimes Of(StepResult result)
    {
        var attention = Span(result.AttentionNanoseconds);
        var columns = Span(result.ColumnProductNanoseconds);
        var rows = Span(result.RowProductNanoseconds);
        var head = Span(result.HeadNanoseconds);
        var exchange = Span(result.ExchangeNanoseconds);
        var wait = Span(Math.Min(result.WaitNanoseconds, result.ExchangeNanoseconds));
        return new RankTimes(
            attention, columns, rows, head, exchange - wait, wait,
            Span(result.TotalNanoseconds) - attention - columns - rows - head - exchange);
    }

    public static RankTimes operator +(in RankTimes a, in RankTimes b) => new(
        a.Attention + b.Attention, a.ColumnProducts + b.ColumnProducts, a.RowProducts + b.RowProducts, a.Head + b.Head,
        a.Wire + b.Wire, a.Wait + b.Wait, a.Other + b.Other);

    public static RankTimes operator -(in RankTimes a, in RankTimes b) => new(
        a.Attention - b.Attention, a.ColumnProducts - b.ColumnProducts, a.RowProducts - b.RowProducts, a.Head - b.Head,
        a.Wire - b.Wire, a.Wait - b.Wait, a.Other - b.Other);

    private static TimeSpan Span(ulong nanoseconds) => new((long)(nanoseconds / TimeSpan.NanosecondsPerTick));
}
