using Cluster.Compute.Devices;
using Cluster.Compute.OpenCl.Elementwise;
using Cluster.Compute.OpenCl.Memory;

namespace Cluster.Compute.OpenCl.Matrices;

/// <summary>
/// Matrices times activations: few tokens by reading weights once for all of them and multiplying int8 codes, many in tiles of decoded weights.
/// </summary>
internal sealed class MatMulOperation(OpenClContext context, ElementwiseKernels elementwise) : IDisposable
{
    /// <summary>LANES · GROUP_ROWS, GROUP_ROWS, TILE and TILE_ITEMS in the kernels.</summary>
    private const int VectorItems = 128;
    private const int VectorRows = 4;
    private const int Tile = 64;
    private const int TileItems = 256;

    private const int BlockColumns = 32;

    private readonly ScratchMemory _codes = new(context);
    private readonly ScratchMemory _scales = new(context);

    /// <summary>output[t] = input[t] · Wᵀ (+ bias), the matrices' outputs side by side in each output row of <paramref name="width"/>.</summary>
    public void Run(ReadOnlySpan<Matrix> matrices, OpenClMemory input, int tokens, int width, OpenClMemory output)
    {
        if (tokens == 0 || matrices.IsEmpty) return;
        var hasCodes = false;
        foreach (var matrix in matrices) hasCodes |= !((OpenClMatrix)matrix).Kernels.IsPlain;
        var isVector = tokens <= WeightKernels.MostTokens;
        if (isVector && hasCodes) Quantize(input, (long)tokens * matrices[0].Columns / BlockColumns);
        var firstOutput = 0;
        foreach (var one in matrices)
        {
            var matrix = (OpenClMatrix)one;
            if (!isVector) Multiply(matrix.Kernels.Product, Tiles(matrix.Rows), Tiles(tokens), TileItems, matrix, firstOutput, input, tokens, width, output);
            else if (matrix.Kernels.IsPlain) Multiply(matrix.Kernels.MatrixVector(tokens), VectorGroups(matrix), 1, VectorItems, matrix, firstOutput, input, tokens, width, output);
            else MultiplyCodes(matrix, firstOutput, tokens, width, output);
            firstOutput += matrix.Rows;
        }
    }

    public void Dispose()
    {
        _codes.Dispose();
        _scales.Dispose();
    }

    private void Quantize(OpenClMemory input, long blocks) =>
        elementwise.Quantize.RunItems(
            blocks, new OpenClArguments { input, blocks, _codes.Reserve(blocks * BlockColumns), _scales.Reserve(blocks * 2 * sizeof(float)) },
            context.Timer.Work(blocks * ((BlockColumns + 2) * sizeof(float) + BlockColumns)));

    private void Multiply(
        OpenClKernel kernel, int groupsX, int groupsY, int items, OpenClMatrix matrix, int firstOutput, OpenClMemory input, int tokens, int width,
        OpenClMemory output) =>
        kernel.Run(
            groupsX, groupsY, 1, items,
            new OpenClArguments
            {
                matrix.Codes, matrix.High, matrix.Scales, matrix.SuperScales, matrix.Bias, matrix.Rows, firstOutput, matrix.Stride, input, matrix.Columns,
                tokens, width, output,
            },
            context.Timer.Product([matrix], tokens));

    private void MultiplyCodes(OpenClMatrix matrix, int firstOutput, int tokens, int width, OpenClMemory output) =>
        matrix.Kernels.MatrixVector(tokens).Run(
            VectorGroups(matrix), 1, 1, VectorItems,
            new OpenClArguments
            {
                matrix.Codes, matrix.High, matrix.Scales, matrix.SuperScales, matrix.Bias, matrix.Rows, firstOutput, matrix.RowBlocks, _codes.Reserve(0),
                _scales.Reserve(0), tokens, width, output,
            },
            context.Timer.Product([matrix], tokens));

    private static int VectorGroups(OpenClMatrix matrix) => (matrix.Rows + VectorRows - 1) / VectorRows;

    private static int Tiles(int count) => (count + Tile - 1) / Tile;
}
