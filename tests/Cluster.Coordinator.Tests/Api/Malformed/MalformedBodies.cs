using System.Text;

namespace Cluster.Coordinator.Tests.Api.Malformed;

/// <summary>Bodies that are almost right, or nowhere near.</summary>
internal static class MalformedBodies
{
    private static readonly string[] s_good =
    [
        """{"messages":[{"role":"user","content":"Hi"}],"max_tokens":1,"stop":["x"],"logit_bias":{"5":1},"stream_options":null}""",
        """{"prompt":[1,2,3],"max_tokens":1,"temperature":0.5,"seed":5,"n":1,"stream":true}""",
        """{"content":"Hi","add_special":true}""",
        """{"tokens":[1,2,3]}""",
        """{"input":["Hi",[5,6]],"encoding_format":"float"}""",
    ];

    private static readonly string[] s_values =
    [
        "null", "-1", "1e400", "\"\\ud800\"", "[[]]", "{\"a\":{}}", "true", "\"x\"", "99999999999999999999", "[null]", "1.5", "\"\"", "[]", "{}", "-0", "[1,\"a\"]", "\"\\u0000\"",
    ];

    public static byte[] Good(Random random) => Encoding.UTF8.GetBytes(s_good[random.Next(s_good.Length)]);

    public static byte[] Garbled(Random random)
    {
        var body = Good(random);
        switch (random.Next(8))
        {
            case 0:
                return body[..random.Next(body.Length)];
            case 1:
                body[random.Next(body.Length)] = (byte)random.Next(256);
                return body;
            case 2:
                return Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(body));
            case 3:
                var bytes = new byte[random.Next(40)];
                random.NextBytes(bytes);
                return bytes;
            case 4:
                return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(random.Next(2) == 0 ? "[" : "{\"a\":", 5000)));
            case 5:
                // The same name twice, or one that nobody knows.
                var known = Encoding.UTF8.GetString(body);
                return Encoding.UTF8.GetBytes($"{known[..^1]},\"{(random.Next(2) == 0 ? "prompt" : "ünbekannt")}\":{s_values[random.Next(s_values.Length)]}}}");
            case 6:
                return Encoding.UTF8.GetBytes($"{{\"content\":\"{new string('x', random.Next(100_000))}");
            default:
                // A value of another type: numbers, texts, lists and objects in each other's places.
                var text = Encoding.UTF8.GetString(body);
                var colon = text.IndexOf(':', random.Next(text.Length / 2));
                return Encoding.UTF8.GetBytes($"{text[..(colon + 1)]}{s_values[random.Next(s_values.Length)]}}}");
        }
    }
}
