using Cluster.Compute.Devices;
using Cluster.Compute.Gpu;
using Cluster.Compute.OpenCl.Memory;
using Cluster.Compute.Steps;

namespace Cluster.Compute.OpenCl.Attention;

/// <summary>The current step on the device, which is given the angles.</summary>
internal sealed class OpenClStep(OpenClContext context) : GpuStep, IDisposable
{
    private readonly ScratchMemory _tokens = new(context);
    private readonly ScratchMemory _angles = new(context);
    private readonly ScratchMemory _tiles = new(context);
    private readonly GrowingArray<(float Cosine, float Sine)> _angleList = new();

    /// <summary>Position of each token, where its sequence begins in the table of blocks, then that table.</summary>
    public OpenClMemory Tokens => _tokens.Reserve(0);

    /// <summary>Cosine and sine of each pair of each token.</summary>
    public OpenClMemory Angles => _angles.Reserve(0);

    /// <summary>The step's tokens as runs of up to <paramref name="tileTokens"/> of one sequence, (first, count) each, on the device.</summary>
    public (int Count, OpenClMemory Memory) Tiles(int tileTokens) => (MakeTiles(tileTokens), _tiles.Reserve(0));

    public void Dispose()
    {
        _tokens.Dispose();
        _angles.Dispose();
        _tiles.Dispose();
    }

    protected override void UploadTokens(ReadOnlySpan<int> tokens) => _tokens.Upload(tokens);

    /// <summary>In f64, which not every device has, so that positions far out keep their fraction of a turn.</summary>
    protected override void UploadAngles(RotaryTable rotary, bool isNew)
    {
        var frequencies = rotary.InverseFrequencies;
        _angleList.Clear();
        var angles = _angleList.Append(TokenCount * frequencies.Length);
        for (var token = 0; token < TokenCount; token++)
        {
            for (var pair = 0; pair < frequencies.Length; pair++)
            {
                var (sine, cosine) = Math.SinCos((double)Positions[token] * frequencies[pair]);
                angles[token * frequencies.Length + pair] = ((float)(cosine * rotary.Magnitude), (float)(sine * rotary.Magnitude));
            }
        }

        _angles.Upload<(float, float)>(angles);
    }

    protected override void UploadTiles(ReadOnlySpan<(int First, int Count)> tiles) => _tiles.Upload(tiles);
}
