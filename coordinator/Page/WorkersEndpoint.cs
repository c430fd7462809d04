using System.Text.Json;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Sessions;
using Cluster.Model.Sharding;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Cluster.Coordinator.Page;

/// <summary><c>/cluster/workers</c>: the workers one by one, and an operator's verbs for them.</summary>
internal sealed class WorkersEndpoint(ClusterView view, TimeProvider time)
{
    public static readonly IReadOnlyList<QueryParameter> RemoveQuery = [new("now", """{"type":"boolean"}""", "true: at once, as when it is lost.")];

    /// <summary>How long a worker's answer is waited for.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    public async Task ListAsync(HttpContext context)
    {
        var (members, session) = (view.Members, view.Session);
        using var patience = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, context.RequestAborted);
        var roundTrips = await Task.WhenAll(members.Members.Select(member => new WorkerProbe(Membership.Connect).MeasureAsync(member, either.Token))).ConfigureAwait(false);
        await JsonResponses.WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("workers");
            foreach (var (member, roundTrip) in members.Members.Zip(roundTrips)) Write(json, member, session, roundTrip);
            foreach (var name in members.Removed.Where(name => members.Find(name) is null).Order(StringComparer.Ordinal))
            {
                json.WriteStartObject();
                json.WriteString("name", name);
                json.WriteString("state", "removed");
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    public Task DrainAsync(HttpContext context)
    {
        var name = Name(context);
        if (!Membership.Drain(name)) throw Unknown(name);
        return AnswerAsync(context, name, "is drained");
    }

    public Task RemoveAsync(HttpContext context)
    {
        var name = Name(context);
        var now = (string?)context.Request.Query["now"] == "true";
        var wasMember = view.Members.Find(name) is not null;
        if (!Membership.Remove(name, now) && !wasMember) return AnswerAsync(context, name, "was removed before");
        return AnswerAsync(context, name, wasMember ? $"is removed{(now ? " at once" : "")}" : "is not in the cluster, and is refused if it comes");
    }

    public Task RestoreAsync(HttpContext context)
    {
        var name = Name(context);
        return Membership.Restore(name)
            ? AnswerAsync(context, name, "may join again")
            : throw new ApiException(new ApiError(StatusCodes.Status404NotFound, $"The worker '{name}' was not removed.", "name"));
    }

    private IMembership Membership =>
        view.Membership ?? throw new ApiException(new ApiError(StatusCodes.Status503ServiceUnavailable, "Workers cannot join yet: the model is loading."));

    private static string Name(HttpContext context)
    {
        // The server decodes all of a path but its slashes.
        var name = ((string)context.GetRouteValue("name")!).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return name.Length <= MemberDescription.MaxTextLength && !name.Any(char.IsControl) ? name : throw Unknown("?");
    }

    private static ApiException Unknown(string name) =>
        new(new ApiError(StatusCodes.Status404NotFound, $"There is no worker '{name}' in the cluster.", "name"));

    /// <param name="context">The request.</param>
    /// <param name="name">The worker.</param>
    /// <param name="outcome">What becomes of it, as a sentence goes on.</param>
    private Task AnswerAsync(HttpContext context, string name, string outcome)
    {
        var line = $"worker '{name}' {outcome}";
        view.Events.Add($"{line}, as an operator asked");
        return JsonResponses.WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("message", line);
            json.WriteEndObject();
        });
    }

    private static void Write(Utf8JsonWriter json, Member member, ModelSession? session, TimeSpan? roundTrip)
    {
        var shard = session?.Plan.Workers.Zip(session.Plan.Shards.Shards)
            .FirstOrDefault(pair => pair.First.Name == member.Name && pair.First.ProcessId == member.ProcessId).Second;
        json.WriteStartObject();
        json.WriteString("name", member.Name);
        json.WriteString("state", member.IsDraining ? "draining" : shard is not null ? "active" : "spare");
        json.WriteString("address", member.Address);
        json.WriteString("device", member.Device.Name);
        json.WriteString("device_id", member.Device.Id);
        json.WriteNumber("memory_bytes", member.Device.MemoryBytes);
        json.WriteString("version", member.Version);
        json.WriteString("joined_at", member.JoinedAt);
        if (roundTrip is { } measured) json.WriteNumber("round_trip_seconds", Math.Round(measured.TotalSeconds, 6));
        if (shard is not null) Write(json, shard);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Shard shard)
    {
        json.WriteNumber("rank", shard.Rank);
        json.WriteNumber("stage", shard.Stage);
        json.WriteNumber("tensor_rank", shard.TensorRank);
        json.WriteStartArray("layers");
        json.WriteNumberValue(shard.Layers.Start);
        json.WriteNumberValue(shard.Layers.End);
        json.WriteEndArray();
    }
}
