using Cluster.Coordinator.Api;
using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Engine.Journal;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Page;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Planning.Costs;
using Cluster.Coordinator.Security;
using Cluster.Coordinator.Sessions;
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

    /// <summary>Completes when requests are taken for the first time, at <see cref="Address"/>.</summary>
    public Task Ready => _state.FirstReady;

    /// <summary>Where the API listens; null before.</summary>
    public Uri? Address { get; private set; }

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var model = ServedModel.Open(options.ModelPath);
        var chat = ChatTemplateChoice.Make(options.ChatTemplate, model.File.Metadata);
        var apiOptions = options.Api with { Pooling = PoolingChoice.Make(options.Api.Pooling, model.File.Metadata, model.Config.Architecture) };
        using var telemetry = new ServerTelemetry(_state, _view, _time, new TelemetryOptions { Otlp = options.Otlp });
        var api = await ApiServer.StartAsync(apiOptions, _state, _view, telemetry, _time, cancellationToken).ConfigureAwait(false);
        await using (api.ConfigureAwait(false))
        {
            Address = api.Address;
            terminal.Out.WriteLine($"API on {api.Address.GetLeftPart(UriPartial.Authority)}, loading {model.Name}; chat template: {chat.Origin}");
            try
            {
                await ServeAsync(model, new ChatPrompts(chat.Template, model.Tokenizer), cancellationToken).ConfigureAwait(false);
                return ExitCodes.Success;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Told to end.
                return ExitCodes.Success;
            }
        }
    }

    private async Task ServeAsync(ServedModel model, ChatPrompts chat, CancellationToken cancellationToken)
    {
        // What cannot be planned for any workers is told without waiting for them.
        var facts = ModelFacts.Of(model);

        // As many contexts as can run, if memory allows: what is not used takes none.
        var context = options.Plan.ContextLength ?? model.Config.ContextLength;
        var wanted = options.Plan with { CacheTokens = (long)context * options.Scheduling.MaxSequences };
        var imagined = ImaginedMembers.Create(options.Workers, memoryBytes: 0, options.LocalWorkers is null ? DeviceSpeed.Unknown : null);
        ClusterPlanner.Plan(imagined, facts, wanted, version: 1).Require();

        var security = options.Security is { } folder ? ClusterSecurity.Open(folder, _view.JoinRefusals, line => terminal.Error.WriteLine(line), _time) : null;
        var host = await ClusterHost.StartAsync(options.ClusterListen, options.LocalWorkers, security, _time, cancellationToken).ConfigureAwait(false);
        await using (host.ConfigureAwait(false))
        {
            await using var following = _view.Follow(host.Membership, host.Models).ConfigureAwait(false);
            terminal.Out.WriteLine($"Workers join at {host.EndPoint}; waiting for {options.Workers}{(security is null ? "" : ", over TLS with join tokens")}");
            var members = await host.WaitForWorkersAsync(options.Workers, cancellationToken).ConfigureAwait(false);
            if (wanted.ChoosesSplit && members.Members.Any(DeviceSpeed.IsKnown))
                wanted = wanted with { Links = await LinkMeasurement.RunAsync(members.Members, host.Membership.Connect, cancellationToken).ConfigureAwait(false) };

            var engine = new InferenceEngine(
                new EngineModel(model.Tokenizer, model.Config.VocabularySize, context) { HiddenSize = model.Config.HiddenSize }, options.Scheduling, options.RecoveryTimeout, new MemoryJournal(), _time);
            await using (engine.ConfigureAwait(false))
            {
                var progress = new ServeProgress(terminal, _state, _view, model, chat, options, engine, _time);
                var supervisor = new SessionSupervisor(
                    host.Membership,
                    new PlanChoice(facts, wanted, _time),
                    engine,
                    (plan, token) => ModelLoading.RunAsync(terminal, host, model, plan, engine, options.Scheduling.PrefixCache, _time, token),
                    host.Expel,
                    progress,
                    _time);
                await RunAsync(host, engine, supervisor, progress, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task RunAsync(
        ClusterHost host, InferenceEngine engine, SessionSupervisor supervisor, ServeProgress progress, CancellationToken cancellationToken)
    {
        using var ending = new CancellationTokenSource();
        host.Noticed += progress.Tell;
        var keeping = host.KeepLocalWorkersAsync(ending.Token);
        var draining = DrainAsync(engine, progress, ending, cancellationToken);
        try
        {
            await supervisor.RunAsync(cancellationToken, ending.Token).ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await keeping.ConfigureAwait(false);
            await draining.ConfigureAwait(false);
        }
    }

    /// <summary>Once told to end: what is under way may go on for a while, also over a loss, and nothing new is taken.</summary>
    private static async Task DrainAsync(InferenceEngine engine, ServeProgress progress, CancellationTokenSource ending, CancellationToken told)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ending.Token, told);
        await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (ending.IsCancellationRequested) return;

        progress.Draining();
        await Task.WhenAny(engine.DrainAsync(), Task.Delay(s_drainPatience, CancellationToken.None)).ConfigureAwait(false);
        await ending.CancelAsync().ConfigureAwait(false);
    }
}
