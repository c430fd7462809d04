using Cluster.Compute.Cpu.Threading;

namespace Cluster.Compute.Cpu.Elementwise;

/// <summary>Looks up embedding rows, shared out by token.</summary>
internal sealed unsafe class EmbedTask(ThreadTeam team) : TeamTask
{
    /// <summary>Tokens below which waking the team costs more than it saves.</summary>
    private const int InlineTokens = 4;

    private CpuEmbeddingTable? _table;
    private int[] _tokenIds = [];
    private int _count;
    private float* _output;

    public void Run(CpuEmbeddingTable table, ReadOnlySpan<int> tokenIds, float* output)
    {
        if (_tokenIds.Length < tokenIds.Length) _tokenIds = new int[tokenIds.Length];
        tokenIds.CopyTo(_tokenIds);
        _table = table;
        _count = tokenIds.Length;
        _output = output;
        if (_count <= InlineTokens) Execute(0, 1);
        else team.Run(this);
    }

    public override void Execute(int thread, int threads)
    {
        var table = _table!;
        var (start, end) = TeamShare.Of(_count, thread, threads);
        for (var i = start; i < end; i++) table.ReadRow(_tokenIds[i], new Span<float>(_output + (long)i * table.Columns, table.Columns));
    }
}
