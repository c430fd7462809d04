using System.Globalization;
using System.Text;
using System.Text.Json;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Planning;
using Cluster.Model.Sharding;
using Spectre.Console;

namespace Cluster.Coordinator.Commands;

/// <summary>A plan, for people and for scripts.</summary>
internal static class PlanReport
{
    private static readonly string[] s_columns =
        ["Rank", "Stage", "Tensor rank", "Worker", "Layers", "KV heads", "Query heads", "FFN columns", "Vocabulary", "Weights MiB", "KV bytes/token", "Cache MiB"];

    public static void WriteTable(ClusterPlan plan, ServedModel model, IAnsiConsole console)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in s_columns) table.AddColumn(column, cell => cell.RightAligned());
        foreach (var shard in plan.Shards.Shards)
        {
            var size = plan.Sizes[shard.Rank];
            table.AddRow(
                Text(shard.Rank), Text(shard.Stage), Text(shard.TensorRank), Markup.Escape(plan.Workers[shard.Rank].Name),
                Text(shard.Layers), Text(shard.KvHeads), Text(shard.QueryHeads), Text(shard.FeedForward),
                shard.Vocabulary.IsEmpty ? "-" : Text(shard.Vocabulary),
                ByteSize.InMiB(size.WeightBytes), Text(size.KvBytesPerToken), ByteSize.InMiB(CacheBytes(plan, size)));
        }

        console.Write(table);
        console.WriteLine(Line(plan, model));
    }

    /// <summary>The plan in one line.</summary>
    public static string Line(ClusterPlan plan, ServedModel model) => string.Create(CultureInfo.InvariantCulture,
        $"{model.Name}: tensor-parallel {plan.Shards.TensorParallelSize} × {plan.Shards.PipelineSize} stages, context {plan.ContextLength}, "
        + $"KV cache {plan.Options.CacheFormat} of {(long)plan.BlockCount * plan.Options.BlockTokens} tokens at {plan.KvBytesPerToken} bytes, {ByteSize.Format(plan.Sizes.Sum(size => CacheBytes(plan, size)))}, "
        + $"{ByteSize.Format(plan.Sizes.Sum(size => size.WeightBytes))} of weights");

    public static void WriteJson(ClusterPlan plan, ServedModel model, TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("model", model.Name);
            json.WriteNumber("tensor_parallel", plan.Shards.TensorParallelSize);
            json.WriteNumber("pipeline", plan.Shards.PipelineSize);
            json.WriteNumber("context", plan.ContextLength);
            json.WriteNumber("kv_cache_tokens", (long)plan.BlockCount * plan.Options.BlockTokens);
            json.WriteNumber("kv_bytes_per_token", plan.KvBytesPerToken);
            json.WriteStartArray("shards");
            foreach (var shard in plan.Shards.Shards) WriteShard(json, plan, shard);
            json.WriteEndArray();
            if (plan.Choice is { } choice) PlanExplanation.Write(choice, json);
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    private static void WriteShard(Utf8JsonWriter json, ClusterPlan plan, Shard shard)
    {
        var size = plan.Sizes[shard.Rank];
        json.WriteStartObject();
        json.WriteNumber("rank", shard.Rank);
        json.WriteNumber("stage", shard.Stage);
        json.WriteNumber("tensor_rank", shard.TensorRank);
        json.WriteString("worker", plan.Workers[shard.Rank].Name);
        WriteRange(json, "layers", shard.Layers);
        WriteRange(json, "kv_heads", shard.KvHeads);
        WriteRange(json, "query_heads", shard.QueryHeads);
        WriteRange(json, "feed_forward", shard.FeedForward);
        WriteRange(json, "vocabulary", shard.Vocabulary);
        json.WriteNumber("weight_bytes", size.WeightBytes);
        json.WriteNumber("kv_bytes_per_token", size.KvBytesPerToken);
        json.WriteNumber("kv_cache_bytes", CacheBytes(plan, size));
        json.WriteEndObject();
    }

    private static void WriteRange(Utf8JsonWriter json, string name, IndexRange range)
    {
        json.WriteStartArray(name);
        json.WriteNumberValue(range.Start);
        json.WriteNumberValue(range.End);
        json.WriteEndArray();
    }

    private static long CacheBytes(ClusterPlan plan, ShardSize size) => size.KvBytesPerToken * plan.Options.BlockTokens * plan.BlockCount;

    private static string Text(IndexRange range) => Markup.Escape(range.ToString());

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
