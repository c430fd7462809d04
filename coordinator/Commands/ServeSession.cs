using Cluster.Coordinator.Api;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Sessions;
using Cluster.Coordinator.Slots;

namespace Cluster.Coordinator.Commands;

/// <summary>One <c>serve</c>: the API answers from the start, first that the model is loading; a signal drains it.</summary>
internal sealed class ServeSession(Terminal terminal, ServeOptions options)
{
    /// <summary>How long requests under way may go on after the signal.</summary>
    private static readonly TimeSpan s_drainPatience = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time = TimeProvider.System;
    private readonly ServingState _state = new();

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var model = ServedModel.Open(options.ModelPath);
        var chat = ChatTemplateChoice.Make(options.ChatTemplate, model.File.Metadata);
        var api = await ApiServer.StartAsync(options.Listen, _state, _time, cancellationToken).ConfigureAwait(false);
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
            terminal.Out.WriteLine($"Workers join at {host.EndPoint}; waiting for {options.Workers}");
            var members = await host.WaitForWorkersAsync(options.Workers, cancellationToken).ConfigureAwait(false);
            var plan = ClusterPlanner.Plan(members, facts, wanted, version: 1).Require();
            terminal.Out.WriteLine(PlanReport.Line(plan, model));

            var session = await ModelLoading.RunAsync(
                terminal, true, host, model, plan, options.Scheduling, _time, cancellationToken).ConfigureAwait(false);
            await using (session.ConfigureAwait(false))
            {
                var slots = new SlotTable(options.Scheduling.MaxSequences);
                var files = options.SlotFolder is { } folder ? new SlotFiles(folder, slots, session.CacheFiles, session.Engine) : null;
                _state.SetReady(new ServedEngine(model.Name, session.Engine, chat, _time.GetUtcNow(), slots, files));
                terminal.Out.WriteLine("Ready");
                await UntilEndAsync(session, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task UntilEndAsync(ModelSession session, CancellationToken cancellationToken)
    {
        var told = Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        if (await Task.WhenAny(told, session.Failed).ConfigureAwait(false) == session.Failed)
        {
            var failure = await session.Failed.ConfigureAwait(false);
            _state.SetFailed(failure.Message);
            throw new ClusterException(failure.Message);
        }

        _state.SetDraining();
        terminal.Out.WriteLine("Draining");
        await Task.WhenAny(session.Engine.DrainAsync(), Task.Delay(s_drainPatience, CancellationToken.None)).ConfigureAwait(false);
    }
}
