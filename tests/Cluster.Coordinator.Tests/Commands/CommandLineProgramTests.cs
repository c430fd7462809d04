using Cluster.Coordinator.Commands;

namespace Cluster.Coordinator.Tests.Commands;

public sealed class CommandLineProgramTests
{
    public static TheoryData<string[], string> WrongCommandLines() => new()
    {
        { [], "Required command" },
        { ["fly"], "'fly'" },
        { ["run"], "Required argument" },
        { ["run", "a", "b"], "'b'" },
        { ["run", "a", "--frobnicate"], "'--frobnicate'" },
        { ["run", "a", "--max-tokens"], "--max-tokens" },
        { ["run", "a", "--max-tokens", "0"], "--max-tokens needs a whole number of at least 1, not '0'" },
        { ["run", "a", "--threads", "two"], "--threads needs a whole number of at least 1, not 'two'" },
        { ["run", "a", "--local-workers", "0"], "--local-workers needs" },
        { ["run", "a", "--local-workers", "3", "--device", "cpu,cuda:0"], "--device names 2 devices for 3 local workers" },
        { ["bench", "--workers", "1", "--device", "cuda:0"], "--device is for local workers" },
        { ["run", "a", "--kv-type-k", "q9"], "--kv-type-k needs one of f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0, iq4_nl, not 'q9'" },
        { ["run", "a", "--wire", "morse"], "--wire needs one of f32, f16, q8_0, not 'morse'" },
        { ["run", "a", "--channel", "pigeon"], "--channel needs one of auto, socket, grpc, not 'pigeon'" },
        { ["run", "a", "--temperature", "hot"], "--temperature needs a number, not 'hot'" },
        { ["run", "a", "--temperature", "-1"], "Invalid 'temperature'" },
        { ["run", "a", "--top-p", "7"], "Invalid 'top_p'" },
        { ["run", "a", "--seed", "-1"], "--seed needs" },
        { ["serve", "--listen", "nowhere"], "--listen needs HOST:PORT" },
        { ["serve", "--listen", "1.2.3.4"], "--listen needs HOST:PORT" },
        { ["serve", "--listen", "0.0.0.0:8080"], "other machines can reach --listen 0.0.0.0:8080: give --api-keys, --tls-cert and --tls-key, or --insecure" },
        { ["serve", "--listen", "0.0.0.0:8080", "--api-keys", "keys"], "other machines can reach --listen 0.0.0.0:8080: give --tls-cert and --tls-key, or --insecure" },
        { ["serve", "--cluster-listen", "0.0.0.0:7070", "--cluster-tls", "off"], "other machines can reach --cluster-listen 0.0.0.0:7070: --cluster-tls off needs --insecure=force" },
        { ["serve", "--cluster-listen", "0.0.0.0:7070", "--cluster-tls", "off", "--insecure"], "--cluster-tls off needs --insecure=force" },
        { ["serve", "--cluster-tls", "on", "--insecure=force"], "contradict each other" },
        { ["serve", "--insecure=yes"], "--insecure stands alone, or is --insecure=force" },
        { ["join-token", "create", "--expires", "soon"], "--expires needs a time such as 30m, 24h or 7d, not 'soon'" },
        { ["join-token", "create", "--name", "a b"], "'a b' is no name for a token" },
        { ["join-token", "revoke", "0123456789ab.secret.pin"], "ID is the token's first part" },
        { ["workers", "revoke", "../a"], "'../a' is no name of a worker" },
        { ["serve", "--tls-cert", "cert.pem"], "--tls-cert and --tls-key belong together" },
        { ["serve", "--cors-origin", "https://a.example", "--cors-origin", "b.example/"], "--cors-origin needs an origin such as https://chat.example.org, or *, not 'b.example/'" },
        { ["serve", "--max-queue", "-1"], "--max-queue needs a whole number of at least 0, not '-1'" },
        { ["serve", "--request-timeout", "0"], "--request-timeout needs a whole number of at least 1, not '0'" },
        { ["serve", "--workers", "2", "--local-workers", "3"], "--local-workers 3 is more than --workers 2" },
        { ["synth", "--output", "x"], "--shape" },
        { ["synth", "--shape", "tiny"], "--output" },
        { ["synth", "--shape", "huge", "--output", "x"], "there is no shape 'huge'" },
        { ["synth", "--shape", "tiny", "--type", "q3", "--output", "x"], "--type needs one of" },
        { ["synth", "--shape", "tiny", "--type", "q4_k_s", "--output", "x"], "q4_k_m, not 'q4_k_s'" },
        { ["bench", "--prompt", "1,x"], "--prompt needs whole numbers of at least 0, separated by commas, not '1,x'" },
        { ["bench", "--depth", "33"], "multiples of 32" },
        { ["bench", "--prompt", "0", "--generate", "0"], "--prompt or --generate" },
        { ["bench", "--split", "2"], "--split needs pairs such as 1x1" },
        { ["bench", "--kv", "q8_0/q9"], "--kv needs KEYS/VALUES" },
        { ["bench", "--wire", "f32,morse"], "--wire needs types of f32, f16, q8_0" },
        { ["bench", "--channel", "pigeon"], "--channel needs kinds of auto, socket, grpc" },
        { ["bench", "--type", "q4_0"], "--type is for --synthetic" },
        { ["bench", "m.gguf", "--synthetic", "tiny"], "cannot both" },
        { ["bench", "--synthetic", "huge"], "there is no shape 'huge'" },
        { ["bench", "--synthetic", "tiny,ffn=544", "--type", "q4_0,q4_k_m"], "not a multiple of the Q4_K block" },
        { ["bench", "--workers", "1", "--split", "1x1,2x1"], "--split needs more than the 1 of --workers" },
        { ["bench", "--workers", "1", "--threads", "2"], "--threads is for local workers" },
        { ["bench", "--workers", "1", "--cpus", "0"], "--cpus is for local workers" },
        { ["pull", "owner/name"], "'owner/name' is not of the form hf:OWNER/NAME" },
        { ["pull", "hf:owner/../name"], "'hf:owner/../name' is not of the form hf:OWNER/NAME" },
        { ["perplexity"], "--file" },
        { ["perplexity", "m.gguf"], "--file" },
        { ["perplexity", "m.gguf", "--file", "t", "--context", "3"], "--context needs a whole number of at least 4, not '3'" },
        { ["perplexity", "m.gguf", "--file", "t", "--chunks", "0"], "--chunks needs" },
        { ["perplexity", "m.gguf", "--file", "t", "--baseline", "f16/f16/f16"], "--baseline needs KEYS/VALUES" },
        { ["kv-report", "m.gguf"], "--file" },
        { ["kv-report", "m.gguf", "--file", "t", "--types", "f16/f16,q9"], "not 'q9'" },
        { ["kv-report", "m.gguf", "--file", "t", "--rotation", "half"], "--rotation needs one of both, on, off" },
        { ["plan", "--simulate", "hosts.json", "--workers", "2"], "leave --workers out" },
        { ["plan", "--worker-memory", "0"], "--worker-memory needs a number above 0" },
        { ["inspect"], "Required argument" },
    };

    [Theory]
    [MemberData(nameof(WrongCommandLines))]
    public async Task Wrong_command_line_is_one_line_and_exit_code_2(string[] arguments, string expected)
    {
        var (exitCode, output, error) = await CommandFixture.RunAsync(arguments);

        Assert.Equal((ExitCodes.Usage, ""), (exitCode, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.StartsWith("cluster: ", error, StringComparison.Ordinal);
        Assert.Equal(error.TrimEnd('\n', '\r'), Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)).TrimEnd('\r'));
    }

    public static TheoryData<string[], string> Failures() => new()
    {
        { ["inspect", "/no/such/file.gguf"], "/no/such/file.gguf" },
        { ["inspect", typeof(CommandLineProgram).Assembly.Location], "not a GGUF file" },
        { ["plan", "--simulate", "/no/such/hosts.json"], "cannot read /no/such/hosts.json" },
        { ["plan", "--model", "/no/such/file.gguf"], "/no/such/file.gguf" },
        { ["plan", "--model", RepositoryFiles.SampleModel, "--tensor-parallel", "9"], "exceeds the model's 8 query heads" },
        { ["plan", "--model", RepositoryFiles.SampleModel, "--pipeline", "9"], "8 layers" },
        { ["plan", "--model", RepositoryFiles.SampleModel, "--worker-memory", "0.1"], "102.4 MiB less" },
        { ["plan", "--model", RepositoryFiles.SampleModel, "--context", "5000"], "the model has 2048" },
        { ["run", "a", "--model", "/no/such/file.gguf"], "" },
        { ["bench", "/no/such/file.gguf"], "/no/such/file.gguf" },
        { ["bench", RepositoryFiles.SampleModel, "--depth", "4096"], "the model has 2048" },
        { ["bench", RepositoryFiles.SampleModel, "--split", "9x1"], "exceeds the model's 8 query heads" },
        { ["perplexity", "/no/such/file.gguf", "--file", RepositoryFiles.SampleModel], "/no/such/file.gguf" },
        { ["perplexity", RepositoryFiles.SampleModel, "--file", "/no/such/text"], "/no/such/text" },
        { ["perplexity", RepositoryFiles.SampleModel, "--file", Path.GetTempPath()], "denied" },
        { ["perplexity", RepositoryFiles.SampleModel, "--file", RepositoryFiles.SampleModel, "--context", "4096"], "the model has 2048" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Failure_is_one_line_and_exit_code_1(string[] arguments, string expected)
    {
        var (exitCode, _, error) = await CommandFixture.RunAsync(arguments);

        Assert.Equal(ExitCodes.Failure, exitCode);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("internal error", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run", "PROMPT", "--model", "--local-workers", "--tensor-parallel", "--pipeline", "--threads", "--kv-type-k", "--kv-type-v", "--wire", "--channel", "--max-tokens", "--temperature", "--seed", "--json")]
    [InlineData("serve", "--listen", "--cluster-listen", "--workers", "--local-workers", "--max-queue", "--request-timeout", "--api-keys")]
    [InlineData("perplexity", "MODEL", "--file", "--context", "--chunks", "--baseline", "--kv-type-k", "--kv-rotation", "--tensor-parallel", "--local-workers", "--wire", "--json")]
    [InlineData("kv-report", "MODEL", "--file", "--context", "--chunks", "--types", "--rotation", "--decode-context", "--svg", "--json")]
    [InlineData("bench", "MODEL", "--synthetic", "--type", "--prompt", "--generate", "--depth", "--batch", "--threads", "--split", "--kv", "--wire", "--channel", "--repetitions", "--workers", "--breakdown", "--json")]
    [InlineData("inspect", "FILE", "--json")]
    [InlineData("plan", "--tensor-parallel", "--pipeline", "--workers")]
    [InlineData("synth", "--shape", "--layers", "--type", "--output", "--seed")]
    public async Task Help_names_everything(string command, params string[] parts)
    {
        var (exitCode, output, error) = await CommandFixture.RunAsync(command, "--help");
        var root = await CommandFixture.RunAsync("--help");

        Assert.Equal((ExitCodes.Success, ""), (exitCode, error));
        Assert.All(parts, part => Assert.Contains(part, output, StringComparison.Ordinal));
        Assert.Contains($"  {command}", root.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_is_told()
    {
        var (exitCode, output, _) = await CommandFixture.RunAsync("--version");

        Assert.Equal(ExitCodes.Success, exitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+", output);
    }
}
