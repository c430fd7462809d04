using System.Text.Json;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.Engine.Statistics;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Sessions;
using Cluster.Model.KvCache;
using Cluster.Model.Sharding;
using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Page;

/// <summary>The state of the cluster for the page: topology, each rank's share, cache, where steps' time goes, events.</summary>
internal sealed class ClusterEndpoint(ServingState state, ClusterView view)
{
    public Task GetAsync(HttpContext context) => JsonResponses.WriteAsync(context, StatusCodes.Status200OK, Write);

    private void Write(Utf8JsonWriter json)
    {
        var members = view.Members;
        json.WriteStartObject();
        json.WriteString("status", state.Status);
        json.WriteString("reason", state.Reason);
        json.WriteString("model", state.Engine?.ModelName);
        if (view.Session is { } session) Write(json, session, members);
        WriteSpares(json, members);
        json.WriteStartArray("events");
        foreach (var item in view.Events.All)
        {
            json.WriteStartObject();
            json.WriteString("time", item.Time);
            json.WriteString("text", item.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ModelSession session, MembershipSnapshot members)
    {
        var (plan, engine) = (session.Plan, session.Engine);
        json.WriteNumber("plan_version", plan.Version);
        json.WriteNumber("tensor_parallel", plan.Shards.TensorParallelSize);
        json.WriteNumber("pipeline", plan.Shards.PipelineSize);
        json.WriteNumber("context_length", plan.ContextLength);
        json.WriteString("kv_type_k", KvCacheFormat.NameOf(plan.Options.CacheFormat.KeyType));
        json.WriteString("kv_type_v", KvCacheFormat.NameOf(plan.Options.CacheFormat.ValueType));
        HealthEndpoint.Write(json, engine.Cache);
        json.WriteStartObject("sequences");
        json.WriteNumber("running", engine.RunningCount);
        json.WriteNumber("waiting", engine.WaitingCount);
        json.WriteNumber("preemptions", engine.PreemptionCount);
        json.WriteEndObject();

        json.WriteStartArray("ranks");
        foreach (var shard in plan.Shards.Shards) WriteRank(json, session, shard, members);
        json.WriteEndArray();

        var statistics = engine.Statistics;
        json.WriteStartObject("steps");
        Write(json, "prefill", statistics.Prefill);
        Write(json, "decode", statistics.Decode);
        json.WriteEndObject();
    }

    private static void WriteRank(Utf8JsonWriter json, ModelSession session, Shard shard, MembershipSnapshot members)
    {
        var worker = session.Plan.Workers[shard.Rank];
        var ready = session.Shards[shard.Rank];
        json.WriteStartObject();
        json.WriteNumber("rank", shard.Rank);
        json.WriteNumber("stage", shard.Stage);
        json.WriteNumber("tensor_rank", shard.TensorRank);
        json.WriteString("worker", worker.Name);
        json.WriteString("address", worker.Address);
        json.WriteString("device", worker.Device.Name);
        json.WriteBoolean("present", members.Includes(worker));
        WriteRange(json, "layers", shard.Layers);
        WriteRange(json, "heads", shard.QueryHeads);
        WriteRange(json, "kv_heads", shard.KvHeads);
        json.WriteNumber("weight_bytes", ready.WeightBytes);
        json.WriteNumber("kv_bytes", ready.KvCacheBytes);
        json.WriteString("sums", ready.GroupLibrary.Length > 0 ? ready.GroupLibrary : null);
        json.WriteEndObject();
    }

    private static void WriteRange(Utf8JsonWriter json, string name, IndexRange range)
    {
        json.WriteStartArray(name);
        json.WriteNumberValue(range.Start);
        json.WriteNumberValue(range.End);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, StepBreakdown breakdown)
    {
        json.WriteStartObject(name);
        json.WriteNumber("steps", breakdown.Steps);
        json.WriteNumber("tokens", breakdown.Tokens);
        json.WriteNumber("seconds", breakdown.Total.TotalSeconds);
        json.WriteNumber("wire_bytes", breakdown.WireBytes);
        json.WriteStartArray("ranks");
        foreach (var rank in breakdown.Ranks)
        {
            json.WriteStartObject();
            json.WriteNumber("compute", rank.Compute.TotalSeconds);
            json.WriteNumber("wire", rank.Wire.TotalSeconds);
            json.WriteNumber("wait", rank.Wait.TotalSeconds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteSpares(Utf8JsonWriter json, MembershipSnapshot members)
    {
        json.WriteStartArray("spares");
        foreach (var member in members.Members)
        {
            if (view.Session?.Plan.Workers.Any(worker => worker.Name == member.Name && worker.ProcessId == member.ProcessId) == true) continue;
            json.WriteStartObject();
            json.WriteString("name", member.Name);
            json.WriteString("address", member.Address);
            json.WriteString("device", member.Device.Name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
