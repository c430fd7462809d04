using System.Text;
using System.Text.Json;
using Cluster.Coordinator.Benchmarking;
using Cluster.Coordinator.Engine.Statistics;
using Cluster.Model.KvCache;

namespace Cluster.Coordinator.Commands;

/// <summary>A report for scripts: one object.</summary>
internal static class BenchJson
{
    public static void Write(BenchmarkReport report, TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("command", report.Command);
            json.WriteString("version", report.Version);
            json.WriteStartArray("devices");
            foreach (var device in report.Devices) json.WriteStringValue(device);
            json.WriteEndArray();
            json.WriteNumber("repetitions", report.Repetitions);
            json.WriteStartArray("rows");
            foreach (var row in report.Rows) WriteRow(json, row);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    private static void WriteRow(Utf8JsonWriter json, BenchmarkRow row)
    {
        json.WriteStartObject();
        json.WriteString("model", row.Model);
        json.WriteNumber("tensor_parallel", row.Split.TensorParallel);
        json.WriteNumber("pipeline", row.Split.Pipeline);
        json.WriteStartArray("threads");
        foreach (var threads in row.Threads) json.WriteNumberValue(threads);
        json.WriteEndArray();
        json.WriteString("kv_type_k", KvCacheFormat.NameOf(row.Setup.CacheFormat.KeyType));
        json.WriteString("kv_type_v", KvCacheFormat.NameOf(row.Setup.CacheFormat.ValueType));
        json.WriteString("wire", WireTypes.NameOf(row.Setup.Wire));
        json.WriteString("channel", ChannelKinds.NameOf(row.Setup.Channel));
        json.WriteString("test", row.Test.Name);
        json.WriteNumber("prompt", row.Test.Prompt);
        json.WriteNumber("generate", row.Test.Generate);
        json.WriteNumber("depth", row.Test.Depth);
        json.WriteNumber("batch", row.Test.Batch);
        WriteSpread(json, "tokens_per_second", row.TokensPerSecond, scale: 1);
        WriteSpread(json, "time_to_first_token_ms", row.FirstTokenSeconds, scale: 1000);
        json.WriteNumber("wire_bytes_per_token", Math.Round(row.WireBytesPerToken));
        json.WriteNumber("read_bytes_per_token", Math.Round(row.ReadBytesPerToken));
        json.WriteNumber("multiply_adds_per_token", Math.Round(row.MultiplyAddsPerToken));
        WriteLimit(json, "read_bytes_per_second", "read_share", row.Read);
        WriteLimit(json, "multiply_adds_per_second", "multiply_add_share", row.MultiplyAdds);
        WriteSteps(json, row.Steps);
        WriteKernels(json, row.Kernels);
        json.WriteEndObject();
    }

    /// <summary>Times are means of a step, in milliseconds.</summary>
    private static void WriteSteps(Utf8JsonWriter json, StepBreakdown steps)
    {
        json.WriteStartObject("step_ms");
        json.WriteNumber("steps", steps.Steps);
        WriteTime("total", steps.Total);
        WriteTime("stream", steps.Stream);
        WriteTime("sampling", steps.Sampling);
        WriteTime("scheduling", steps.Scheduling);
        json.WriteStartArray("ranks");
        foreach (var rank in steps.Ranks)
        {
            json.WriteStartObject();
            WriteTime("attention", rank.Attention);
            WriteTime("column_products", rank.ColumnProducts);
            WriteTime("row_products", rank.RowProducts);
            WriteTime("head", rank.Head);
            WriteTime("other", rank.Other);
            WriteTime("wire", rank.Wire);
            WriteTime("wait", rank.Wait);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();

        void WriteTime(string name, TimeSpan time) => json.WriteNumber(name, Math.Round(time.TotalMilliseconds / Math.Max(1, steps.Steps), 4));
    }

    /// <summary>Of each rank its kernels, means of a step; empty where they were not timed.</summary>
    private static void WriteKernels(Utf8JsonWriter json, KernelBreakdown? kernels)
    {
        var steps = Math.Max(1, kernels?.Steps ?? 0);
        json.WriteStartArray("kernels");
        foreach (var rank in kernels?.Ranks ?? [])
        {
            json.WriteStartArray();
            foreach (var kernel in rank)
            {
                json.WriteStartObject();
                json.WriteString("name", kernel.Name);
                json.WriteString("for", JsonNamingPolicy.SnakeCaseLower.ConvertName(kernel.Part.ToString()));
                WriteMean("launches", kernel.Launches);
                WriteMean("ms", kernel.Nanoseconds / 1e6);
                WriteMean("bytes", kernel.Bytes);
                WriteMean("multiply_adds", kernel.MultiplyAdds);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();

        void WriteMean(string name, double sum) => json.WriteNumber(name, Math.Round(sum / steps, 6));
    }

    private static void WriteSpread(Utf8JsonWriter json, string name, Spread spread, double scale)
    {
        json.WriteStartObject(name);
        json.WriteNumber("median", Math.Round(scale * spread.Median, 3));
        json.WriteNumber("least", Math.Round(scale * spread.Least, 3));
        json.WriteNumber("most", Math.Round(scale * spread.Most, 3));
        json.WriteEndObject();
    }

    /// <summary>The limit itself, and the part of it that was reached; null where it was not measured.</summary>
    private static void WriteLimit(Utf8JsonWriter json, string rateName, string shareName, LimitShare? limit)
    {
        if (limit is { } known)
        {
            json.WriteNumber(rateName, Math.Round(known.Rate));
            json.WriteNumber(shareName, Math.Round(known.Share, 4));
        }
        else
        {
            json.WriteNull(rateName);
            json.WriteNull(shareName);
        }
    }
}
