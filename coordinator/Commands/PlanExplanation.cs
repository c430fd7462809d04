using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Cluster.Coordinator.Planning.Costs;
using Cluster.Coordinator.Planning.Search;
using Spectre.Console;

namespace Cluster.Coordinator.Commands;

/// <summary>What is predicted of a plan, and what it was chosen over, for people and for scripts.</summary>
internal static class PlanExplanation
{
    private const int MostNames = 4;

    private static readonly string[] s_ranks = ["Rank", "Worker", "Share", "Compute ms", "Wire ms", "Wait ms"];
    private static readonly string[] s_rejected = ["Split", "Step ms", "Compute ms", "Wire ms", "Wait ms", "Prefill ms", "Why not"];

    public static void Write(SplitChoice choice, IAnsiConsole console)
    {
        var chosen = choice.Chosen;
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"A step of {Of(choice.Step)} takes {Ms(chosen.Decode.Total)} ms: compute {Ms(chosen.Decode.Compute)}, wire {Ms(chosen.Decode.Wire)}, overhead {Ms(chosen.Decode.Overhead)}; {1 / chosen.Decode.Total * choice.Step.Sequences:0.0} tokens/s. A prompt's 512 tokens take {Ms(chosen.Prefill.Total)} ms."));
        Write(console, s_ranks, chosen.Shards.Shards.Select(shard => (string[])
        [
            shard.Rank.ToString(CultureInfo.InvariantCulture), chosen.Workers[shard.Rank].Name, Percent(chosen, shard.Rank),
            Ms(chosen.Decode.Ranks[shard.Rank].Compute), Ms(chosen.Decode.Ranks[shard.Rank].Wire), Ms(chosen.Decode.Ranks[shard.Rank].Wait),
        ]));
        if (!choice.Rejected.IsEmpty)
        {
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Rejected, of {choice.Considered} splits that were predicted in full:"));
            Write(console, s_rejected, choice.Rejected.Select(rejected => (string[])
            [
                NameOf(rejected.Candidate), .. Numbers(rejected.Candidate).Select(Ms), rejected.Reason,
            ]));
        }

        foreach (var line in Spares(choice)) console.WriteLine(line);
    }

    /// <summary>What was chosen and who was left out, in a few lines.</summary>
    public static void WriteShort(SplitChoice choice, TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Chosen of {choice.Considered} splits: a step of {Of(choice.Step)} should take {Ms(choice.Chosen.Decode.Total)} ms: compute {Ms(choice.Chosen.Decode.Compute)}, wire {Ms(choice.Chosen.Decode.Wire)}, overhead {Ms(choice.Chosen.Decode.Overhead)}"));
        foreach (var line in Spares(choice)) output.WriteLine(line);
    }

    private static IEnumerable<string> Spares(SplitChoice choice)
    {
        var groups = choice.Spares.GroupBy(spare => spare.Reason).ToList();
        foreach (var group in groups.Take(MostNames)) yield return $"Left out: {Names([.. group.Select(spare => spare.Worker.Name)])}: {group.Key}";
        var others = groups.Skip(MostNames).Sum(group => group.Count());
        if (others > 0) yield return string.Create(CultureInfo.InvariantCulture, $"Left out: {others} more workers");
    }

    public static void Write(SplitChoice choice, Utf8JsonWriter json)
    {
        json.WriteStartObject("prediction");
        json.WriteNumber("sequences", choice.Step.Sequences);
        json.WriteNumber("context", choice.Step.Context);
        WriteCandidate(json, choice.Chosen);
        json.WriteStartArray("ranks");
        foreach (var rank in choice.Chosen.Decode.Ranks)
        {
            json.WriteStartObject();
            json.WriteNumber("compute_ms", Rounded(rank.Compute));
            json.WriteNumber("wire_ms", Rounded(rank.Wire));
            json.WriteNumber("wait_ms", Rounded(rank.Wait));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartArray("rejected");
        foreach (var rejected in choice.Rejected)
        {
            json.WriteStartObject();
            json.WriteNumber("tensor_parallel", rejected.Candidate.Size.TensorParallel);
            json.WriteNumber("pipeline", rejected.Candidate.Size.Pipeline);
            WriteCandidate(json, rejected.Candidate);
            json.WriteString("reason", rejected.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("spares");
        foreach (var spare in choice.Spares)
        {
            json.WriteStartObject();
            json.WriteString("worker", spare.Worker.Name);
            json.WriteString("reason", spare.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCandidate(Utf8JsonWriter json, SplitCandidate candidate)
    {
        json.WriteStartArray("shares");
        foreach (var share in candidate.Shares) json.WriteNumberValue(Math.Round(share, 4));
        json.WriteEndArray();
        foreach (var (name, seconds) in ((string[])["step_ms", "compute_ms", "wire_ms", "wait_ms", "prefill_ms"]).Zip(Numbers(candidate)))
            json.WriteNumber(name, Rounded(seconds));
    }

    private static void Write(IAnsiConsole console, string[] columns, IEnumerable<string[]> rows)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in columns) table.AddColumn(column, cell => cell.Alignment = column is "Why not" or "Worker" or "Split" ? Justify.Left : Justify.Right);
        foreach (var row in rows) table.AddRow(row.Select(Markup.Escape).ToArray());
        console.Write(table);
    }

    private static double[] Numbers(SplitCandidate candidate) =>
        [candidate.Decode.Total, candidate.Decode.Compute, candidate.Decode.Wire, candidate.Decode.Wait, candidate.Prefill.Total];

    private static string NameOf(SplitCandidate candidate) => string.Create(CultureInfo.InvariantCulture,
        $"{candidate.Size.TensorParallel}x{candidate.Size.Pipeline}{(candidate.IsUneven ? " uneven" : "")}");

    /// <summary>Of its stage.</summary>
    private static string Percent(SplitCandidate candidate, int rank)
    {
        var stage = rank / candidate.Size.TensorParallel;
        var all = candidate.Shares.AsSpan(stage * candidate.Size.TensorParallel, candidate.Size.TensorParallel);
        double sum = 0;
        foreach (var share in all) sum += share;
        return string.Create(CultureInfo.InvariantCulture, $"{100 * candidate.Shares[rank] / sum:0} %");
    }

    private static string Names(ImmutableArray<string> names) => names.Length <= MostNames
        ? string.Join(", ", names)
        : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", names[..MostNames])} and {names.Length - MostNames} more");

    private static string Of(StepShape step) => string.Create(CultureInfo.InvariantCulture,
        $"{step.Sequences} text{(step.Sequences == 1 ? "" : "s")} at {step.Context} tokens");

    private static string Ms(double seconds) => (1000 * seconds).ToString("0.00", CultureInfo.InvariantCulture);

    private static double Rounded(double seconds) => Math.Round(1000 * seconds, 4);
}
