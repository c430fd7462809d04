using System.CommandLine;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Planning;

namespace Cluster.Coordinator.Commands;

/// <summary><c>cluster plan</c>: the shards that workers would get, without any worker.</summary>
internal sealed class PlanCommand(Terminal terminal)
{
    private readonly ModelOptionSet _model = new();
    private readonly Option<int?> _workers = ArgumentParsers.WholeNumber(
        "--workers", "N", "Workers that there are [default: as many as the split needs]", most: 100_000);
    private readonly Option<float?> _memory = ArgumentParsers.Number("--worker-memory", "GIB", "Memory of each worker in GiB [default: enough]");
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object" };

    public Command Build()
    {
        var command = new Command("plan", "Show the shards that workers would get");
        _model.AddTo(command);
        command.Add(_workers);
        command.Add(_memory);
        command.Add(_json);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parse)
    {
        var split = _model.Split(parse, parse.GetValue(_workers), defaultWorkers: 1);
        var scheduling = _model.Scheduling(parse, maxSequences: 1);
        var memory = parse.GetValue(_memory);
        if (memory is not null and not > 0) throw new UsageException("--worker-memory needs a number above 0");

        var snapshot = ImaginedMembers.Create(split.Workers, memory is { } gib ? (ulong)(gib * (double)(1 << 30)) : 0);
        using var model = ServedModel.Open(_model.ModelPath(parse));
        var plan = ClusterPlanner.Plan(snapshot, ModelFacts.Of(model), _model.Plan(parse, split, scheduling), version: 1).Require();

        if (parse.GetValue(_json)) PlanReport.WriteJson(plan, model, terminal.Out);
        else PlanReport.WriteTable(plan, model, terminal.OutConsole());
        return ExitCodes.Success;
    }
}
