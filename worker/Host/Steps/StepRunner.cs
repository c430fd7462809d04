using System.Diagnostics;
using Cluster.Compute.Collectives;
using Cluster.Compute.Steps;
using Cluster.Protos.Steps;
using Cluster.Protos.V1;
using Cluster.Worker.Collectives;
using Cluster.Worker.Collectives.Links;
using Cluster.Worker.Shards;

namespace Cluster.Worker.Steps;

/// <summary>Runs one received step after the other and fills its answer. Whatever goes wrong becomes the answer's one-line error.</summary>
internal sealed class StepRunner
{
    private readonly ShardIdentity _identity;
    private readonly StepChoices _choices;
    private readonly IShardExecutor _executor;
    private readonly ShardLinks _links;
    private readonly StepReader _reader;
    private readonly StepBatch _batch = new();
    private readonly StepOutput _output = new();
    private ulong _lastStepId;

    public StepRunner(ShardSpecification specification, LoadedShard shard, ShardLinks links)
    {
        _identity = specification.Identity;
        _choices = new StepChoices(specification.PipelineSize == 1, links.Choices);
        _executor = shard.Executor;
        _links = links;
        _reader = new StepReader(shard.Limits);
    }

    /// <summary>Runs a step. True when it was answered without an error.</summary>
    public bool Run(StepRequest request, StepResult result)
    {
        var began = Stopwatch.GetTimestamp();
        StepMessages.Reset(result);
        result.PlanVersion = request.PlanVersion;
        result.StepId = request.StepId;
        _links.BeginStep(request.StepId);
        try
        {
            if (Execute(request) is { } refusal) result.Error = refusal;
            else StepResultWriter.Write(_output, result);
        }
        catch (Exception e) when (e is PeerLostException or FrameMismatchException)
        {
            result.Error = OneLine.Of(e.Message);
        }
        catch (Exception e)
        {
            result.Error = OneLine.Of($"{e.GetType().Name}: {e.Message}");
        }

        StepResultWriter.SetTimes(result, Stopwatch.GetTimestamp() - began, _links.Mesh.WaitTicks, _executor.Times);
        StepResultWriter.SetWireBytes(result, _links.Mesh.WireBytes, PeerLink.GrpcHeaderBytes);
        return result.Error.Length == 0;
    }

    private string? Execute(StepRequest request)
    {
        _output.Clear();
        if (request.PlanVersion != _identity.PlanVersion) return $"a step of plan {request.PlanVersion} came to {_identity}";
        if (request.SummarizeAgain)
        {
            var problem = _reader.ReadAgain(request, _executor.KeptLogitsRows(request.StepId), _batch);
            if (problem is null) _executor.SummarizeAgain(_batch, _output);
            return problem;
        }

        // Peers drop frames of earlier steps, so an id that does not rise would lose this step's.
        if (request.StepId <= _lastStepId) return $"step {request.StepId} follows step {_lastStepId}: ids must rise";
        if ((_choices.Fill(request) ?? _reader.Read(request, _batch)) is { } error) return error;
        _lastStepId = request.StepId;
        _choices.Begin(request.StepId);
        _executor.Execute(_batch, _output);
        _choices.Keep(_batch, _output);
        return null;
    }
}
