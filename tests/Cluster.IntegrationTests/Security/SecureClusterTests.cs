using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Cluster.IntegrationTests.Faults.Harness;
using Cluster.IntegrationTests.Running;
using Cluster.Protos.Security;

namespace Cluster.IntegrationTests.Security;

/// <summary>Programs that talk over mutual TLS, and strangers that come to them.</summary>
public sealed class SecureClusterTests : IDisposable
{
    private static readonly string[] s_names = ["first", "second"];

    private readonly string _folder = Directory.CreateTempSubdirectory("cluster-test-").FullName;
    private readonly List<Process> _workers = [];
    private readonly List<Task<string>> _logs = [];
    private string _cluster = "";

    private string State => Path.Combine(_folder, "state");

    private string TokenFile => Path.Combine(_folder, "token");

    public void Dispose()
    {
        foreach (var worker in _workers)
        {
            worker.Kill(entireProcessTree: true);
            worker.WaitForExit();
            worker.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Workers_that_joined_by_a_token_compute_the_same_over_TLS_and_strangers_are_refused()
    {
        int[] prompt = [.. Enumerable.Range(300, 40)];
        using var alone = await ServeProcess.StartAsync("--local-workers", "1", "--threads", "1", "--context", "256");
        var expected = await alone.CompleteAsync(prompt, 24);

        CreateToken();
        using var serve = await ServeProcess.StartAsync(
            StartWorkers, "--workers", "2", "--tensor-parallel", "2", "--context", "256", "--cluster-tls", "on", "--state-dir", State, "--recovery-timeout", "0");
        Assert.Equal(expected.Text, (await serve.CompleteAsync(prompt, 24)).Text);

        Assert.Equal(["enroll", "enroll", "join", "join"], Audit().Select(entry => entry.GetProperty("event").GetString()).Order());
        foreach (var name in s_names) Assert.Equal([$"identity/{name}.pem"], Files(name));

        await RefusedAsync(null, "no_certificate", "showed no certificate");
        await RefusedAsync(TestCertificates.Issue(Authority(), PeerName.OfWorker("first"), TimeSpan.FromMinutes(-1)), "expired", "not valid at this time");
        await RefusedAsync(TestCertificates.Issue(OtherAuthority(), PeerName.OfWorker("first"), TimeSpan.FromHours(1)), "other_cluster", "not of this cluster");
        await RefusedAsync(TestCertificates.Issue(Authority(), PeerName.Coordinator, TimeSpan.FromHours(1)), "wrong_role", "for something else");

        Assert.Equal(0, ClusterProgram.Run("workers", "revoke", "first", "--state-dir", State).ExitCode);
        await _workers[0].WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(1, _workers[0].ExitCode);
        Assert.EndsWith("refused this worker: it was revoked", (await _logs[0]).TrimEnd(), StringComparison.Ordinal);

        using var metrics = new HttpClient { BaseAddress = serve.Address };
        var text = await metrics.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        foreach (var reason in (string[])["no_certificate", "expired", "other_cluster", "wrong_role", "revoked"])
            Assert.Contains($$"""cluster_join_refusals_total{reason="{{reason}}"} 1""", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_of_another_cluster_is_shown_to_nobody()
    {
        CreateToken();
        using var listening = ClusterProgram.Start(
            "serve", "--listen", "127.0.0.1:0", "--cluster-listen", "127.0.0.1:0", "--cluster-tls", "on", "--state-dir", Path.Combine(_folder, "other"), "--context", "256");
        try
        {
            const string Join = "Workers join at ";
            string line;
            do line = (await listening.StandardOutput.ReadLineAsync())!;
            while (!line.StartsWith(Join, StringComparison.Ordinal));
            StartWorkers(line[Join.Length..line.IndexOf(';', StringComparison.Ordinal)]);

            await Task.WhenAll(_workers.Select(worker => worker.WaitForExitAsync())).WaitAsync(TimeSpan.FromMinutes(2));

            Assert.All(_workers, worker => Assert.Equal(1, worker.ExitCode));
            foreach (var log in _logs) Assert.Contains("is not the join token's", await log, StringComparison.Ordinal);
            Assert.False(File.Exists(Path.Combine(_folder, "other", "joins.jsonl")));
        }
        finally
        {
            listening.Kill(entireProcessTree: true);
            await listening.WaitForExitAsync();
        }
    }

    private static X509Certificate2 OtherAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Cluster authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private X509Certificate2 Authority() => X509Certificate2.CreateFromPemFile(Path.Combine(State, "ca.pem"), Path.Combine(State, "ca.key"));

    private void CreateToken()
    {
        var created = ClusterProgram.Run("join-token", "create", "--uses", "2", "--state-dir", State, "--file", TokenFile);
        Assert.Equal((0, ""), (created.ExitCode, created.Output));
        Assert.DoesNotContain(Secret(), created.Errors + ClusterProgram.Run("join-token", "list", "--state-dir", State).Output, StringComparison.Ordinal);
    }

    private string Secret() => File.ReadAllText(TokenFile).Split('.')[1];

    private void StartWorkers(string coordinator)
    {
        _cluster = coordinator;
        foreach (var name in s_names)
        {
            var worker = ClusterProgram.StartWorker(
                "--coordinator", coordinator, "--name", name, "--threads", "1", "--cache-dir", Path.Combine(_folder, name), "--join-token-file", TokenFile,
                "--log-level", "trace");
            _workers.Add(worker);
            _logs.Add(LogAsync(worker));
        }
    }

    private async Task<string> LogAsync(Process worker)
    {
        var log = await worker.StandardError.ReadToEndAsync();
        return log.Contains(Secret(), StringComparison.Ordinal) ? "the secret is in the log" : log;
    }

    private IEnumerable<string> Files(string worker) => Directory
        .GetFiles(Path.Combine(_folder, worker), "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Path.Combine(_folder, worker), path).Replace('\\', '/'));

    private IEnumerable<JsonElement> Audit() => File.ReadAllLines(Path.Combine(State, "joins.jsonl")).Select(line => JsonDocument.Parse(line).RootElement);

    /// <summary>Calls Join as a worker would.</summary>
    private async Task RefusedAsync(X509Certificate2? certificate, string reason, string told)
    {
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, shown, _, _) => shown!.Subject == "CN=coordinator";
        if (certificate is not null) handler.SslOptions.ClientCertificates = [certificate];
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"https://{_cluster}/cluster.v1.Membership/Join"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        using var response = await client.SendAsync(request);
        Assert.Equal("16", response.Headers.GetValues("grpc-status").Single());
        Assert.Contains(told, response.Headers.GetValues("grpc-message").Single(), StringComparison.Ordinal);

        var entry = Audit().Last();
        Assert.Equal(("refused", reason), (entry.GetProperty("outcome").GetString(), entry.GetProperty("reason").GetString()));
        Assert.StartsWith("127.0.0.1:", entry.GetProperty("address").GetString(), StringComparison.Ordinal);
        Assert.True(DateTime.Parse(entry.GetProperty("time").GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind) <= DateTime.UtcNow);
    }
}
