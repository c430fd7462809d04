using System.Globalization;
using Cluster.Coordinator.Benchmarking;
using Cluster.Coordinator.Engine.Statistics;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Commands;

/// <summary>What the kernels of a test's steps took, as a table in Markdown: of the rank whose kernels take longest.</summary>
internal static class BenchKernelsMarkdown
{
    /// <summary>Nothing of a test on processors only.</summary>
    /// <param name="row">The test.</param>
    /// <param name="name">What tells it from others.</param>
    /// <param name="output">Where it is written.</param>
    public static void Write(BenchmarkRow row, string name, TextWriter output)
    {
        if (row.Kernels is not { } kernels) return;
        var (rank, sums) = kernels.Ranks.Index().MaxBy(rank => rank.Item.Sum(kernel => kernel.Nanoseconds));
        if (sums.IsEmpty) return;
        var all = new KernelSum(
            "all", KernelPart.Other, sums.Sum(kernel => kernel.Launches), sums.Sum(kernel => kernel.Nanoseconds), sums.Sum(kernel => kernel.Bytes),
            sums.Sum(kernel => kernel.MultiplyAdds));
        output.WriteLine();
        output.WriteLine($"Kernels of {name} on rank {rank.ToString(CultureInfo.InvariantCulture)}:");
        output.WriteLine();
        output.WriteLine("| kernel | for | launches a step | µs a step | share | GB/s | of the limit |");
        output.WriteLine("|---|---|---:|---:|---:|---:|---:|");
        foreach (var kernel in sums) WriteLine(kernel, NameOf(kernel.Part));
        WriteLine(all, "");

        void WriteLine(in KernelSum kernel, string part) => output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {kernel.Name} | {part} | {(double)kernel.Launches / kernels.Steps:0.##} | {kernel.Nanoseconds / 1e3 / kernels.Steps:0.0} | {100.0 * kernel.Nanoseconds / Math.Max(1, all.Nanoseconds):0.0} % | {Rate(kernel.Bytes, kernel) / 1e9:0.0} | {OfLimit(kernel, row.Limits[rank])} |"));
    }

    private static string OfLimit(in KernelSum kernel, in RankLimits limits) => LimitText.Of(
        Share(Rate(kernel.Bytes, kernel), limits.ReadBytesPerSecond), Share(Rate(kernel.MultiplyAdds, kernel), limits.MultiplyAddsPerSecond));

    private static LimitShare? Share(double rate, double limit) => limit > 0 ? new LimitShare(limit, rate / limit) : null;

    private static double Rate(long units, in KernelSum kernel) => kernel.Nanoseconds == 0 ? 0 : units * 1e9 / kernel.Nanoseconds;

    /// <summary>As the columns of the breakdown are called.</summary>
    private static string NameOf(KernelPart part) => part switch
    {
        KernelPart.Attention => "attention",
        KernelPart.ColumnProducts => "Q K V gate up",
        KernelPart.RowProducts => "output down",
        KernelPart.Head => "head",
        KernelPart.Exchange => "wire",
        _ => "other",
    };
}
