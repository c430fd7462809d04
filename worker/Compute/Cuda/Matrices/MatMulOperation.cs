using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Cuda.Memory;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Cuda.Matrices;

/// <summary>
/// Matrices times activations: few tokens by reading weights once for several of them and multiplying int8 codes, many on tensor cores
/// (<see cref="TensorProduct"/>) where cuBLAS is there.
/// </summary>
internal sealed class MatMulOperation(CudaContext context, ActivationCache activations) : IDisposable
{
    /// <summary>Tokens up to which reading the weights some times more costs less than making f16 of them.</summary>
    public const int MostVectorTokens = 16;

    private const int Threads = 128;
    private const int WarpsOfBlock = Threads / 32;

    private readonly TensorProduct? _tensor = CudaLibraries.IsAvailable(CudaLibraries.Blas, out _) ? new TensorProduct(context) : null;

    /// <summary>output[t] = input[t] · Wᵀ (+ bias), the matrices' outputs side by side in each output row.</summary>
    public void Run(ReadOnlySpan<Matrix> matrices, CudaBuffer input, int tokens, CudaBuffer output)
    {
        if (tokens == 0 || matrices.IsEmpty) return;
        var width = OperandChecks.SumRows(matrices);
        if (tokens > MostVectorTokens && _tensor is not null)
        {
            _tensor.Run(matrices, input, tokens, width, output);
            return;
        }

        // Neighbours of one format share a launch.
        for (int first = 0, firstOutput = 0; first < matrices.Length;)
        {
            var end = first + 1;
            while (end < matrices.Length && end - first < MatrixGroup<BlockPlanes>.Capacity && matrices[end].Type == matrices[first].Type) end++;
            firstOutput += Multiply(matrices[first..end], firstOutput, input, tokens, width, output);
            first = end;
        }
    }

    public void Dispose() => _tensor?.Dispose();

    /// <summary>Multiplies matrices of one format; returns their outputs.</summary>
    private int Multiply(ReadOnlySpan<Matrix> matrices, int firstOutput, CudaBuffer input, int tokens, int width, CudaBuffer output)
    {
        var first = (CudaMatrix)matrices[0];
        if (first.Kernels.IsPlain)
        {
            var group = new MatrixGroup<ElementPlanes>();
            foreach (var matrix in matrices) group.Add(new ElementPlanes((CudaMatrix)matrix, firstOutput + group.Rows), matrix.Rows);

            for (var token = 0; token < tokens; token += WeightKernels.MostTokens)
            {
                var count = Math.Min(WeightKernels.MostTokens, tokens - token);
                first.Kernels.MatrixVector(count).Launch(
                    Blocks(group.Rows), 1, 1, Threads,
                    new KernelArguments
                    {
                        group, first.Stride, input.Address + (ulong)((long)token * first.Columns * sizeof(float)), first.Columns, count, width,
                        output.Address + (ulong)((long)token * width * sizeof(float)),
                    },
                    context.Timer.Product(matrices, count));
            }

            return group.Rows;
        }

        var blockGroup = new MatrixGroup<BlockPlanes>();
        foreach (var matrix in matrices) blockGroup.Add(new BlockPlanes((CudaMatrix)matrix, firstOutput + blockGroup.Rows), matrix.Rows);

        var quantized = activations.Get(input, first.Columns, tokens);
        for (var token = 0; token < tokens; token += WeightKernels.MostTokens)
        {
            var count = Math.Min(WeightKernels.MostTokens, tokens - token);
            var kernel = first.Kernels.MatrixVector(count);
            kernel.Launch(
                Math.Min(Blocks(blockGroup.Rows), kernel.ResidentBlocks(Threads)), 1, 1, Threads,
                new KernelArguments
                {
                    blockGroup, first.RowBlocks, quantized.Codes + (ulong)((long)token * first.Columns),
                    quantized.Scales + (ulong)((long)token * first.RowBlocks * 2 * sizeof(float)), count, width,
                    output.Address + (ulong)((long)token * width * sizeof(float)),
                },
                context.Timer.Product(matrices, count));
        }

        return blockGroup.Rows;
    }

    private static int Blocks(int warps) => (warps + WarpsOfBlock - 1) / WarpsOfBlock;
}
