using System.Diagnostics;
using Cluster.Protos.V1;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;

namespace Cluster.Coordinator.Membership;

/// <summary>Asks over gRPC, on a connection of its own: the standing ones may be what is broken.</summary>
internal sealed class WorkerProbe(Func<Member, GrpcChannel> connect) : IWorkerProbe
{
    public async Task<bool> AnswersAsync(Member worker, Member? via, CancellationToken cancellationToken)
    {
        try
        {
            using var channel = connect(via ?? worker);
            if (via is not null)
                return (await new Worker.WorkerClient(channel).ProbeAsync(new ProbeRequest { Address = worker.Address }, cancellationToken: cancellationToken)).Reached;

            await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest(), cancellationToken: cancellationToken);
            return true;
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or IOException)
        {
            return false;
        }
    }

    /// <summary>How long a question takes to a worker and back, once connected; null when it does not answer.</summary>
    public async Task<TimeSpan?> MeasureAsync(Member worker, CancellationToken cancellationToken)
    {
        try
        {
            using var channel = connect(worker);
            var client = new Health.HealthClient(channel);
            await client.CheckAsync(new HealthCheckRequest(), cancellationToken: cancellationToken);
            var started = Stopwatch.GetTimestamp();
            await client.CheckAsync(new HealthCheckRequest(), cancellationToken: cancellationToken);
            return Stopwatch.GetElapsedTime(started);
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or IOException)
        {
            return null;
        }
    }
}
