using System.Globalization;
using System.Text.Json;
using Cluster.Coordinator.Planning;

namespace Cluster.Coordinator.Commands;

/// <summary>Workers as a table for people.</summary>
internal static class WorkersReport
{
    private static readonly (string Title, Func<JsonElement, string> Text)[] s_columns =
    [
        ("NAME", worker => Text(worker, "name")),
        ("STATE", worker => Text(worker, "state")),
        ("DEVICE", worker => Text(worker, "device")),
        ("MEMORY", worker => worker.TryGetProperty("memory_bytes", out var bytes) && bytes.GetInt64() > 0 ? ByteSize.Format(bytes.GetInt64()) : "-"),
        ("RANK", worker => Text(worker, "rank")),
        ("LAYERS", worker => worker.TryGetProperty("layers", out var layers) ? $"{layers[0]}-{layers[1].GetInt32() - 1}" : "-"),
        ("ADDRESS", worker => Text(worker, "address")),
        ("ROUND TRIP", worker => worker.TryGetProperty("round_trip_seconds", out var seconds)
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds.GetDouble() * 1000:0.00} ms") : "-"),
    ];

    /// <param name="workers">As <c>GET /cluster/workers</c> lists them.</param>
    /// <param name="output">Where the table is written.</param>
    public static void Write(JsonElement workers, TextWriter output)
    {
        string[][] rows = [[.. s_columns.Select(column => column.Title)], .. workers.EnumerateArray().Select(worker => s_columns.Select(column => column.Text(worker)).ToArray())];
        var widths = s_columns.Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows) output.WriteLine(string.Join("  ", row.Select((text, column) => text.PadRight(widths[column]))).TrimEnd());
    }

    private static string Text(JsonElement worker, string name) => worker.TryGetProperty(name, out var value) ? value.ToString() : "-";
}
