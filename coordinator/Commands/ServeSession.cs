using Cluster.Coordinator.Api;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Page;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Sessions;
using Cluster.Coordinator.Slots;
using Cluster.Coordinator.Telemetry;

namespace Cluster.Coordinator.Commands;

/// <summary>One <c>serve</c>: the API answers from the start, first that the model is loading; a signal drains it.</summary>
internal sealed class ServeSession(Terminal terminal, ServeOptions options)
{
    /// <summary>How long requests under way may go on after the signal.</summary>
    private static readonly TimeSpan s_drainPatience = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time = TimeProvider.System;
    private readonly ServingState _state = new();
    private readonly ClusterView _view = new(TimeProvider.System);

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var model = ServedModel.Open(options.ModelPath);
        var chat = ChatTemplateChoice.Make(options.ChatTemplate, model.File.Metadata);
        using var telemetry = new ServerTelemetry(_state, _view, _time, new TelemetryOptions { Otlp = options.Otlp });
        var api = await ApiServer.StartAsync(options.Api, _state, _view, telemetry, _time, cancellationToken).ConfigureAwait(false);
        await using (api.ConfigureAwait(false))
        {
            terminal.Out.WriteLine($"API on http://{api.EndPoint}, loading {model.Name}; chat template: {chat.Origin}");
            try
            {
                await ServeAsync(model, new ChatPrompts(chat.Template, model.Tokenizer), cancellationToken).ConfigureAwait(false);
                return ExitCodes.Success;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Told to end while it was still loading.
                return ExitCodes.Success;
            }
        }
    }

    private async Task ServeAsync(ServedModel model, ChatPrompts chat, CancellationToken cancellationToken)
    {
        // What cannot be planned for any workers is told without waiting for them.
        var facts = ModelFacts.Of(model);

        // As many contexts as can run, if memory allows: what is not used takes none.
        var wanted = options.Plan with { CacheTokens = (long)(options.Plan.ContextLength ?? model.Config.ContextLength) * options.Scheduling.MaxSequences };
        ClusterPlanner.Plan(ImaginedMembers.Create(options.Workers, memoryBytes: 0), facts, wanted, version: 1).Require();

        var host = await ClusterHost.StartAsync(options.ClusterListen, options.LocalWorkers, _time, cancellationToken).ConfigureAwait(false);
        await using (host.ConfigureAwait(false))
        {
            await using var following = _view.Follow(host.Membership).ConfigureAwait(false);
            terminal.Out.WriteLine($"Workers join at {host.EndPoint}; waiting for {options.Workers}");
            ClusterPlan? last = null;
            do
            {
                if (last is not null) await host.RecoverAsync(last, cancellationToken).ConfigureAwait(false);
                var members = await host.WaitForWorkersAsync(options.Workers, cancellationToken).ConfigureAwait(false);
                last = ClusterPlanner.Plan(members, facts, wanted, version: (last?.Shards.Version ?? 0) + 1).Require();
            }
            while (!await ServePlanAsync(host, model, chat, last, cancellationToken).ConfigureAwait(false));
        }
    }

    /// <returns>Whether it was told to end; else a worker was lost, and another plan may serve.</returns>
    /// <exception cref="ClusterException">The first plan's shards could not be loaded.</exception>
    private async Task<bool> ServePlanAsync(ClusterHost host, ServedModel model, ChatPrompts chat, ClusterPlan plan, CancellationToken cancellationToken)
    {
        terminal.Out.WriteLine(PlanReport.Line(plan, model));
        try
        {
            var session = await ModelLoading.RunAsync(
                terminal, true, host, model, plan, options.Scheduling, _time, cancellationToken).ConfigureAwait(false);
            await using (session.ConfigureAwait(false))
            {
                var slots = new SlotTable(options.Scheduling.MaxSequences);
                var files = options.SlotFolder is { } folder ? new SlotFiles(folder, slots, session.CacheFiles, session.Engine) : null;
                _view.Show(session);
                _state.SetReady(new ServedEngine(model.Name, session.Engine, chat, _time.GetUtcNow(), slots, files));
                terminal.Out.WriteLine("Ready");
                return await UntilEndAsync(session, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (ClusterException e) when (plan.Version > 1)
        {
            Recover(e.Message);
            return false;
        }
    }

    /// <returns>Whether it was told to end; else the session can serve no longer.</returns>
    private async Task<bool> UntilEndAsync(ModelSession session, CancellationToken cancellationToken)
    {
        var told = Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        if (await Task.WhenAny(told, session.Failed).ConfigureAwait(false) == session.Failed)
        {
            Recover((await session.Failed.ConfigureAwait(false)).Message);
            return false;
        }

        _state.SetDraining();
        terminal.Out.WriteLine("Draining");
        await Task.WhenAny(session.Engine.DrainAsync(), Task.Delay(s_drainPatience, CancellationToken.None)).ConfigureAwait(false);
        return true;
    }

    private void Recover(string reason)
    {
        _state.SetRecovering(reason);
        _view.Events.Add(reason);
        terminal.Error.WriteLine($"{reason}; waiting for {options.Workers} workers");
    }
}
