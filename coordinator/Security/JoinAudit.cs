using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cluster.Protos.Security;

namespace Cluster.Coordinator.Security;

/// <summary>
/// The log of who joined and who was refused: a JSON object a line, never a secret. Beyond its size the file is kept as <c>.1</c> in the place of
/// an earlier one, so that strangers cannot fill the disk.
/// </summary>
/// <param name="path">The file; null for none.</param>
/// <param name="refusals">What is counted.</param>
/// <param name="log">Told in one line of each event.</param>
/// <param name="time">The clock.</param>
internal sealed class JoinAudit(string? path, JoinRefusals refusals, Action<string> log, TimeProvider time)
{
    private const long MaxBytes = 16 << 20;

    // Addresses and reasons are read by people; nobody puts this into a page.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _lock = new();

    public void Record(JoinEvent what)
    {
        if (what.Refusal is { } refusal) refusals.Count(refusal.Label);
        log(Describe(what));
        if (path is null) return;
        try
        {
            lock (_lock)
            {
                if (File.Exists(path) && new FileInfo(path).Length > MaxBytes) File.Move(path, $"{path}.1", overwrite: true);
                SecretFile.Append(path, ToJson(what));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log($"{path}: {e.Message}");
        }
    }

    private static string Describe(JoinEvent what)
    {
        var who = $"worker {(what.Worker is { } name ? $"'{name}'" : "without a name")} at {what.Address ?? "?"}";
        return what switch
        {
            { Refusal: { } refusal } => $"refused {who}: {refusal.Problem}",
            { Kind: "enroll" } => $"{who} has its first certificate, for join token {what.TokenId}",
            { Kind: "renew" } => $"{who} has its next certificate",
            _ => $"{who} joined over TLS",
        };
    }

    private string ToJson(JoinEvent what)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, s_options))
        {
            json.WriteStartObject();
            json.WriteString("time", time.GetUtcNow().UtcDateTime);
            json.WriteString("event", what.Kind);
            json.WriteString("outcome", what.Refusal is null ? "accepted" : "refused");
            if (what.Refusal is { } refusal) json.WriteString("reason", refusal.Label);
            if (what.Worker is { } worker) json.WriteString("worker", worker);
            if (what.Address is { } address) json.WriteString("address", address);
            if (what.TokenId is { } token) json.WriteString("token", token);
            if (what.Serial is { } serial) json.WriteString("serial", serial);
            if (what.Authority is { } authority) json.WriteString("authority", authority);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
