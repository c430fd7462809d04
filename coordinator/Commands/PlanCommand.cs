using System.CommandLine;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Planning.Costs;
using Cluster.Coordinator.Planning.Search;
using Cluster.Coordinator.Planning.Simulation;

namespace Cluster.Coordinator.Commands;

/// <summary><c>cluster plan</c>: the shards that workers would get, without any worker.</summary>
internal sealed class PlanCommand(Terminal terminal)
{
    private readonly ModelOptionSet _model = new();
    private readonly Option<int?> _workers = ArgumentParsers.WholeNumber(
        "--workers", "N", "Workers that there are [default: as many as the split needs]", most: 100_000);
    private readonly Option<float?> _memory = ArgumentParsers.Number("--worker-memory", "GIB", "Memory of each worker in GiB [default: enough]");
    private readonly Option<FileInfo?> _simulate = new("--simulate") { Description = "Workers and links that this JSON file describes, up to 1000", HelpName = "FILE" };
    private readonly Option<bool> _explain = new("--explain") { Description = "Predict where the time of steps goes, also of splits that were rejected, and say why they were" };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object" };

    public Command Build()
    {
        var command = new Command("plan", "Show the shards that workers would get, and why");
        _model.AddTo(command);
        foreach (Option option in (ReadOnlySpan<Option>)[_workers, _memory, _simulate, _explain, _json]) command.Add(option);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parse)
    {
        var explain = parse.GetValue(_explain);
        var hosts = Hosts(parse);
        var split = _model.Split(parse, hosts?.Members.Members.Length ?? parse.GetValue(_workers), defaultWorkers: 1);
        var options = _model.Plan(parse, split, _model.Scheduling(parse, maxSequences: 1));
        if (hosts is not null) options = options with { Links = hosts.Links };
        using var model = ServedModel.Open(_model.ModelPath(parse));
        var facts = ModelFacts.Of(model);
        var plan = ClusterPlanner.Plan(hosts?.Members ?? Imagined(parse, split.Workers, explain), facts, options, version: 1).Require();
        if (explain && plan.Choice is null) plan = plan with { Choice = new SplitSearch(facts, options).Explain(plan) };

        if (parse.GetValue(_json))
        {
            PlanReport.WriteJson(plan, model, terminal.Out);
            return ExitCodes.Success;
        }

        PlanReport.WriteTable(plan, model, terminal.OutConsole());
        if (explain) PlanExplanation.Write(plan.Choice!, terminal.OutConsole());
        return ExitCodes.Success;
    }

    private SimulatedHosts? Hosts(ParseResult parse)
    {
        if (parse.GetValue(_simulate) is not { } file) return null;
        if (parse.GetValue(_workers) is not null) throw new UsageException("--simulate says how many workers there are: leave --workers out");
        if (parse.GetValue(_memory) is not null) throw new UsageException("--simulate says how much memory workers have: leave --worker-memory out");
        return SimulatedHosts.Read(file.FullName);
    }

    /// <param name="parse">The command line.</param>
    /// <param name="count">How many.</param>
    /// <param name="isMeasured">Whether the planner is to choose as if they had measured what ordinary ones do.</param>
    private MembershipSnapshot Imagined(ParseResult parse, int count, bool isMeasured)
    {
        var memory = parse.GetValue(_memory);
        if (memory is not null and not > 0) throw new UsageException("--worker-memory needs a number above 0");
        return ImaginedMembers.Create(count, memory is { } gib ? (ulong)(gib * (double)(1 << 30)) : 0, isMeasured ? DeviceSpeed.Unknown : null);
    }
}
