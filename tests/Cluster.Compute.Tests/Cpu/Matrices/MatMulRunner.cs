using Cluster.Compute.Cpu;
using Cluster.Compute.Cpu.Matrices;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Devices;
using Cluster.Compute.Reference;

namespace Cluster.Compute.Tests.Cpu.Matrices;

/// <summary>Runs one product on the CPU and by the reference.</summary>
internal static unsafe class MatMulRunner
{
    /// <summary>The instruction sets that this processor has.</summary>
    public static IEnumerable<CpuIsa> SupportedIsas => Enum.GetValues<CpuIsa>().Where(isa => isa.IsSupported);

    /// <summary>Expected and actual output, of which values beyond the end were left alone.</summary>
    public static (float[] Expected, float[] Actual) Run(
        CpuIsa isa, int threads, float[] input, int tokens, params MatrixSource[] sources)
    {
        var references = sources.Select(ReferenceMatrix.Load).ToArray();
        var width = sources.Sum(source => source.Rows);
        var expected = new float[tokens * width];
        ReferenceMatMul.Run(references, input, tokens, expected);

        using var team = new ThreadTeam(threads);
        using var operation = new MatMulOperation(team, isa);
        var matrices = sources.Select(source => (Matrix)CpuMatrixLoader.Load(source, team)).ToArray();
        const int Guard = 17;
        var actual = new float[expected.Length + Guard];
        actual.AsSpan().Fill(-12345);
        fixed (float* x = input, y = actual)
        {
            operation.Run(matrices, x, tokens, y);
        }

        foreach (var matrix in matrices) matrix.Dispose();
        Assert.Equal(-1, actual.AsSpan(expected.Length).IndexOfAnyExcept(-12345f));
        return (expected, actual[..expected.Length]);
    }
}
