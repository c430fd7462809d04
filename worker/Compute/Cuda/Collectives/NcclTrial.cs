using Cluster.Compute.Collectives;

namespace Cluster.Compute.Cuda.Collectives;

/// <summary>
/// The first sums of a group, of known values: they make NCCL connect the ways that it takes for few and for many values, so that no step waits
/// for that, and show where a machine's devices do not reach each other although its drivers say so.
/// </summary>
internal static class NcclTrial
{
    public const int MostValues = 1 << 22;

    private const int FewestValues = 1 << 10;

    /// <param name="stream">With room for <see cref="MostValues"/>.</param>
    /// <param name="rank">This rank.</param>
    /// <param name="size">How many there are.</param>
    /// <exception cref="CommunicatorException">A sum is wrong.</exception>
    /// <exception cref="OperationCanceledException">They did not end in time.</exception>
    public static void Run(SetupStream stream, int rank, int size)
    {
        for (var count = FewestValues; count <= MostValues; count *= 4)
        {
            TrialValues.Fill(stream.Host<float>(count), rank);
            stream.Upload(count * sizeof(float));
            stream.AllReduce(count);
            stream.Download(count * sizeof(float));
            stream.Wait("a trial sum");
            if (TrialValues.FindError(stream.Host<float>(count), size) is { } error) throw new CommunicatorException($"NCCL {error}");
        }
    }
}
