using Cluster.Compute.Devices;
using Cluster.Compute.Layers;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.Gguf;
using Cluster.Model.Sharding;

namespace Cluster.Compute.Shards;

/// <summary>Builds a <see cref="ShardModel"/>: applies the cuts of <see cref="TensorCuts"/> to the tensors of a model file.</summary>
internal sealed class ShardLoader(
    IDevice device, GgufFile file, ModelConfig config, Shard shard, IProgress<ShardLoadProgress>? progress, CancellationToken cancellation)
{
    private readonly long _totalBytes = TotalBytes(config, shard, file);
    private readonly List<IDisposable> _loaded = [];
    private long _loadedBytes;
    private long _weightBytes;

    public ShardModel Load()
    {
        try
        {
            return LoadModel();
        }
        catch
        {
            foreach (var part in _loaded) part.Dispose();
            throw;
        }
    }

    private static long TotalBytes(ModelConfig config, Shard shard, GgufFile file)
    {
        long total = 0;
        foreach (var cut in TensorCuts.All(config, shard, file.Tensors))
        {
            if (cut.Kind != TensorCutKind.LookupTable) total += cut.ByteCount;
        }

        return total;
    }

    private ShardModel LoadModel()
    {
        var attention = new AttentionShape(
            shard.QueryHeads.Count, shard.KvHeads.Count, config.HeadDim, 1 / MathF.Sqrt(config.HeadDim));
        var layers = new TransformerLayer[shard.Layers.Count];
        var embedding = shard.IsFirstStage ? LoadEmbedding() : null;
        for (var i = 0; i < layers.Length; i++) layers[i] = LoadLayer(i, attention);
        var head = shard.IsLastStage ? LoadHead() : null;
        return new ShardModel(
            config, shard.FeedForward.Count, attention, LoadRotary(), embedding, layers, head, new GgufOutputGrams(file, config, shard), _weightBytes);
    }

    private EmbeddingTable LoadEmbedding()
    {
        var tensor = file.GetTensor(TensorNames.TokenEmbedding);
        var table = device.LoadEmbedding(Source(tensor, AllRows(tensor), AllColumns(tensor)));
        _weightBytes += table.Bytes;
        _loaded.Add(table);
        return table;
    }

    private TransformerLayer LoadLayer(int index, AttentionShape shape)
    {
        var layer = shard.Layers.Start + index;
        var query = TensorCuts.Query(config, shard).Rows;
        var keyValue = TensorCuts.KeyValue(config, shard).Rows;
        var wide = TensorCuts.FeedForwardGateUp(shard).Rows;
        var attention = new AttentionLayer(
            index,
            shape,
            LoadVector(TensorNames.AttentionNorm(layer)),
            [
                LoadRows(TensorNames.AttentionQuery(layer), TensorNames.AttentionQueryBias(layer), query),
                LoadRows(TensorNames.AttentionKey(layer), TensorNames.AttentionKeyBias(layer), keyValue),
                LoadRows(TensorNames.AttentionValue(layer), TensorNames.AttentionValueBias(layer), keyValue),
            ],
            LoadColumns(
                TensorNames.AttentionOutput(layer),
                TensorNames.AttentionOutputBias(layer),
                type => TensorCuts.AttentionOutput(config, shard, type)));
        var feedForward = new FeedForwardLayer(
            wide.Count,
            LoadVector(TensorNames.FeedForwardNorm(layer)),
            [
                LoadRows(TensorNames.FeedForwardGate(layer), TensorNames.FeedForwardGateBias(layer), wide),
                LoadRows(TensorNames.FeedForwardUp(layer), TensorNames.FeedForwardUpBias(layer), wide),
            ],
            LoadColumns(
                TensorNames.FeedForwardDown(layer),
                TensorNames.FeedForwardDownBias(layer),
                type => TensorCuts.FeedForwardDown(config, shard, type)));
        return new TransformerLayer(attention, feedForward);
    }

    private LanguageModelHead LoadHead()
    {
        var name = config.TiedEmbeddings ? TensorNames.TokenEmbedding : TensorNames.Output;
        var rows = TensorCuts.LmHead(shard).Rows;
        return new LanguageModelHead(rows.Start, LoadVector(TensorNames.OutputNorm), LoadRows(name, null, rows));
    }

    private RotaryTable LoadRotary()
    {
        var factors = file.TryGetTensor(TensorNames.RopeFrequencies, out var tensor) ? ReadVector(tensor, AllColumns(tensor)) : [];
        return new RotaryTable(RopeFrequencies.Compute(config.Rope, factors), config.Rope.Style, config.Rope.Magnitude);
    }

    /// <summary>A column-parallel matrix: some rows, and the same elements of its bias where it has one.</summary>
    private Matrix LoadRows(string name, string? biasName, IndexRange rows)
    {
        var tensor = file.GetTensor(name);
        var bias = biasName is not null && file.TryGetTensor(biasName, out var vector) ? ReadVector(vector, rows) : [];
        return LoadMatrix(Source(tensor, rows, AllColumns(tensor)) with { Bias = bias });
    }

    /// <summary>A row-parallel matrix: some columns of all rows. The all-reduce would add its bias once a rank, so rank 0 alone has it.</summary>
    private RowParallelMatrix LoadColumns(string name, string biasName, Func<TensorType, RowParallelCut> cutFor)
    {
        var tensor = file.GetTensor(name);
        var cut = cutFor(tensor.Type);
        var hasBias = file.TryGetTensor(biasName, out var vector) && shard.TensorRank == 0;
        var bias = hasBias ? ReadVector(vector!, AllColumns(vector!)) : [];
        var matrix = LoadMatrix(Source(tensor, AllRows(tensor), cut.Kept) with { Bias = bias });
        return new RowParallelMatrix(matrix, cut.InputOffset, cut.Owned.Count);
    }

    private Matrix LoadMatrix(MatrixSource source)
    {
        cancellation.ThrowIfCancellationRequested();
        var matrix = device.LoadMatrix(source);
        _loaded.Add(matrix);
        _weightBytes += matrix.Bytes;
        _loadedBytes += source.Rows * TensorTraits.Get(source.Type).BytesFor(source.Columns);
        progress?.Report(new ShardLoadProgress(_loadedBytes, _totalBytes));
        return matrix;
    }

    private DeviceBuffer LoadVector(string name)
    {
        var tensor = file.GetTensor(name);
        var values = ReadVector(tensor, AllColumns(tensor));
        var buffer = device.Allocate(values.Length);
        _loaded.Add(buffer);
        values.CopyTo(buffer.OverwriteHost(values.Length));
        buffer.WriteHost(values.Length);
        _weightBytes += values.Length * sizeof(float);
        _loadedBytes += tensor.ByteCount;
        return buffer;
    }

    private float[] ReadVector(GgufTensor tensor, IndexRange elements)
    {
        var trait = TensorTraits.Get(tensor.Type);
        var bytes = new byte[tensor.ByteCount];
        var values = new float[tensor.ElementCount];
        file.Read(tensor, 0, bytes);
        trait.Dequantize(bytes, values);
        return values[elements.Start..elements.End];
    }

    private MatrixSource Source(GgufTensor tensor, IndexRange rows, IndexRange columns) => new()
    {
        Name = tensor.Name,
        Type = tensor.Type,
        SourceColumns = checked((int)tensor.Columns),
        RowStart = rows.Start,
        Rows = rows.Count,
        ColumnStart = columns.Start,
        Columns = columns.Count,
        Reader = new GgufWeightReader(file, tensor),
    };

    private static IndexRange AllRows(GgufTensor tensor) => new(0, checked((int)tensor.Rows));

    private static IndexRange AllColumns(GgufTensor tensor) => new(0, checked((int)tensor.Columns));
}
