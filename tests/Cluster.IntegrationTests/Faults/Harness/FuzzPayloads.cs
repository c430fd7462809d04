using System.Buffers.Binary;
using System.Text;

namespace Cluster.IntegrationTests.Faults.Harness;

/// <summary>
/// What no client sends: noise, HTTP that is not, HTTP/2 frames that contradict themselves, gRPC messages of absurd lengths, noise where a message should
/// be, well-formed messages of random fields, plans that do not exist, a worker that joins from nowhere; a third of all cut off somewhere, a third with bits turned over.
/// </summary>
internal sealed class FuzzPayloads(Random random)
{
    /// <summary>The worker that nothing is known of but that it was let in.</summary>
    public const string Guest = "guest";

    private static readonly string[] s_methods =
    [
        "cluster.v1.Worker/LoadShard", "cluster.v1.Worker/Execute", "cluster.v1.Worker/Exchange", "cluster.v1.Worker/OpenChannel", "cluster.v1.Worker/ReadCache",
        "cluster.v1.Worker/WriteCache", "cluster.v1.Worker/UnloadShard", "cluster.v1.Worker/Echo", "cluster.v1.Worker/Nothing", "cluster.v1.Membership/Join",
        "cluster.v1.Worker/Probe", "cluster.v1.Worker/MeasureLinks", "cluster.v1.Enrollment/GetAuthority", "cluster.v1.Enrollment/Enroll", "cluster.v1.Enrollment/Renew",
        "cluster.v1.Weights/Describe", "cluster.v1.Weights/Read", "cluster.v1.Weights/Announce", "grpc.health.v1.Health/Check", "grpc.health.v1.Health/Watch",
    ];

    private static readonly string[] s_paths = ["/v1/completions", "/v1/chat/completions", "/cluster/workers/x/drain", "/slots/0?action=save", "/metrics", "/", "/%00"];

    public byte[] Next()
    {
        var payload = random.Next(6) switch
        {
            0 => Noise(8192),
            1 => Http1(),
            2 => Frames(),
            _ => Call(),
        };
        switch (random.Next(3))
        {
            case 0:
                return payload[..random.Next(payload.Length + 1)];
            case 1:
                for (var flips = random.Next(1, 8); flips > 0 && payload.Length > 0; flips--) payload[random.Next(payload.Length)] ^= (byte)(1 << random.Next(8));
                return payload;
            default:
                return payload;
        }
    }

    private byte[] Noise(int most)
    {
        var bytes = new byte[random.Next(1, most)];
        random.NextBytes(bytes);
        return bytes;
    }

    private byte[] Http1()
    {
        var body = Noise(2048);
        var length = random.Next(4) switch { 0 => "99999999999999999999", 1 => "-1", 2 => "1000000", _ => $"{body.Length}" };
        var head = $"{(random.Next(2) == 0 ? "POST" : "GET")} {s_paths[random.Next(s_paths.Length)]} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    /// <summary>HTTP/2 frames of any type, for any stream, some of them longer than they say or than they may be.</summary>
    private byte[] Frames()
    {
        var bytes = new List<byte>(Preface());
        for (var count = random.Next(1, 20); count > 0; count--)
        {
            var body = Noise(256);
            var length = random.Next(3) == 0 ? random.Next(1 << 24) : body.Length;
            bytes.AddRange(Frame((byte)random.Next(12), (byte)random.Next(256), random.Next(6), body, length));
        }

        return [.. bytes];
    }

    /// <summary>A call that HTTP/2 has no fault to find with.</summary>
    private byte[] Call()
    {
        var method = s_methods[random.Next(s_methods.Length)];
        byte[] path = [.. Encoding.ASCII.GetBytes($"/{method}")];

        // By HPACK's static table: POST, http, a path, an authority, a content type; then one name that is not in it.
        byte[] headers =
        [
            0x83, 0x86, 0x04, (byte)path.Length, .. path, 0x01, 1, (byte)'x', 0x0f, 0x10, 16, .. "application/grpc"u8, 0x00, 2, .. "te"u8, 8, .. "trailers"u8,
        ];
        return [.. Preface(), .. Frame(1, 0x4, 1, headers), .. Frame(0, (byte)random.Next(2), 1, Message())];
    }

    private byte[] Message()
    {
        var content = random.Next(6) switch { 0 or 1 => Noise(4096), 2 => OtherPlan(), 3 => Joining(), _ => Fields(2) };
        var length = random.Next(4) switch
        {
            0 => uint.MaxValue - (uint)random.Next(1 << 20),
            1 => (uint)random.Next(int.MaxValue),
            _ => (uint)content.Length,
        };
        var prefix = new byte[5];
        prefix[0] = (byte)(random.Next(4) == 0 ? random.Next(256) : 0);
        BinaryPrimitives.WriteUInt32BigEndian(prefix.AsSpan(1), length);
        return [.. prefix, .. content];
    }

    /// <summary>A message whose first field is a version, by itself or within another message, that no plan has.</summary>
    private byte[] OtherPlan()
    {
        List<byte> version = [0x08];
        for (var i = 0; i < 8; i++) version.Add((byte)(random.Next(1, 128) | 0x80));
        version.Add(1);
        return random.Next(2) == 0 ? [.. version, 0x10, (byte)random.Next(4), 0x18, (byte)random.Next(4)] : [0x0a, (byte)version.Count, .. version];
    }

    /// <summary>Fields as protobuf writes them, with values that mean nothing or, being small, might mean something.</summary>
    private byte[] Fields(int depth)
    {
        var bytes = new List<byte>();
        for (var count = random.Next(1, 8); count > 0; count--)
        {
            var field = random.Next(1, 8) << 3;
            if (random.Next(2) == 0)
            {
                bytes.Add((byte)field);
                bytes.Add((byte)random.Next(4));
                continue;
            }

            var body = depth > 0 && random.Next(2) == 0 ? Fields(depth - 1) : Noise(32);
            bytes.Add((byte)(field | 2));
            bytes.AddRange(Length(body.Length));
            bytes.AddRange(body);
        }

        return [.. bytes];
    }

    /// <summary>A WorkerReport of a worker that nobody can reach, with a device of random fields.</summary>
    private byte[] Joining()
    {
        byte[] name = [0x0a, (byte)Guest.Length, .. Encoding.ASCII.GetBytes(Guest), 0x12, 11, .. "127.0.0.1:9"u8];
        var device = Fields(0);
        byte[] description = [.. name, 0x2a, .. Length(device.Length), .. device];
        return [0x0a, .. Length(description.Length), .. description];
    }

    private static byte[] Length(int value) => value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Length(value >> 7)];

    private static byte[] Preface() => [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(4, 0, 0, [])];

    private static byte[] Frame(byte type, byte flags, int stream, byte[] body) => Frame(type, flags, stream, body, body.Length);

    private static byte[] Frame(byte type, byte flags, int stream, byte[] body, int length) =>
        [(byte)(length >> 16), (byte)(length >> 8), (byte)length, type, flags, 0, 0, 0, (byte)stream, .. body];
}
