using Cluster.Coordinator.Api;
using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Page;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Sessions;
using Cluster.Coordinator.Slots;

namespace Cluster.Coordinator.Commands;

/// <summary>Tells the terminal, the API and the page what becomes of a <c>serve</c>'s sessions.</summary>
internal sealed class ServeProgress(
    Terminal terminal, ServingState state, ClusterView view, ServedModel model, ChatPrompts chat, ServeOptions options, InferenceEngine engine, TimeProvider time)
    : ISessionObserver
{
    private readonly SlotTable _slots = new(options.Scheduling.MaxSequences);
    private DateTimeOffset? _readySince;
    private bool _isDraining;

    public void Planned(ClusterPlan plan)
    {
        terminal.Out.WriteLine(PlanReport.Line(plan, model));
        if (plan.Choice is { } choice) PlanExplanation.WriteShort(choice, terminal.Out);
    }

    public void Serving(ModelSession session)
    {
        var files = options.SlotFolder is { } folder ? new SlotFiles(folder, _slots, session.CacheFiles, engine) : null;
        view.Show(session);
        if (!_isDraining) state.SetReady(new ServedEngine(model.Name, engine, chat, _readySince ??= time.GetUtcNow(), _slots, files));
        foreach (var library in session.GroupLibraries) terminal.Out.WriteLine($"Ranks sum on their devices by {library}");
        terminal.Out.WriteLine("Ready");
    }

    public void Interrupted(string reason)
    {
        if (!_isDraining) state.SetRecovering(reason);
        Tell(reason);
    }

    public void Recovered(RecoveryTimes times) => Tell(times.ToString());

    /// <summary>Nothing new is taken from now on.</summary>
    public void Draining()
    {
        _isDraining = true;
        state.SetDraining();
        terminal.Out.WriteLine("Draining");
    }

    /// <summary>One line for whoever watches.</summary>
    public void Tell(string line)
    {
        view.Events.Add(line);
        terminal.Error.WriteLine(line);
    }
}
