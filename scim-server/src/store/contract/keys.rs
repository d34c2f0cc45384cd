//! What opens a tenant: tokens, secrets, trusts; and keys of either kind.

use super::*;

/// Of 32 units that do something under one key, one does it; the key is forgotten after a day.
pub async fn a_key_is_used_once<S: Store>(store: &Shared<S>) {
    let tasks = (0..32).map(|_| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let store: &dyn Store = store.as_ref();
            let add = unit(|tx| {
                Box::pin(async move {
                    let connection = ConnectionId(Uuid::from_u128(1));
                    if let Some(done) = tx.done_once(connection, "key").await? {
                        return Ok((done.resource, false));
                    }
                    let name = tx.new_id().to_string();
                    let added = add_user(tx, &name)?;
                    tx.remember(DoneOnce {
                        connection,
                        key: "key".to_owned(),
                        fingerprint: [7; 32],
                        created: tx.now(),
                        resource: added.id,
                    });
                    Ok((added.id, true))
                })
            });
            store.write(&main_tenant(), add).await.unwrap()
        })
    });
    let mut made = BTreeMap::new();
    for task in tasks.collect::<Vec<_>>() {
        *made.entry(task.await.unwrap()).or_insert(0) += 1;
    }
    let [(first, false), (second, true)] = made.keys().collect::<Vec<_>>()[..] else {
        panic!("{made:?}");
    };
    assert_eq!((first, made[&(*second, true)]), (second, 1));
    let store: &dyn Store = store.as_ref();
    let again = unit(|tx| {
        Box::pin(async move {
            let connection = |number| ConnectionId(Uuid::from_u128(number));
            let done = tx
                .done_once(connection(1), "key")
                .await?
                .expect("it is new");
            assert_eq!(tx.done_once(connection(2), "key").await?, None);
            tx.remember(DoneOnce {
                key: "old".to_owned(),
                created: tx.now() - DoneOnce::KEPT_FOR,
                ..done.clone()
            });
            tx.flush().await?;
            assert_eq!(tx.done_once(connection(1), "old").await?, None);
            Ok(done)
        })
    });
    let done = store.write(&main_tenant(), again).await.unwrap();
    assert_eq!((done.fingerprint, done.resource), ([7; 32], *first));
}

/// Of several processes that make a secret key for a tenant at once, all get the same one.
pub async fn a_tenant_key_is_made_once<S: Store>(store: &Shared<S>) {
    let tasks = (1..=16).map(|byte| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let store: &dyn Store = store.as_ref();
            let make = unit(move |tx| {
                Box::pin(async move {
                    tx.offer_tenant_key("cursor", [byte; 32]);
                    tx.flush().await?;
                    tx.tenant_key("cursor").await
                })
            });
            store.write(&main_tenant(), make).await.unwrap().unwrap()
        })
    });
    let mut keys = BTreeSet::new();
    for task in tasks.collect::<Vec<_>>() {
        keys.insert(task.await.unwrap());
    }
    assert_eq!(keys.len(), 1);
    let store: &dyn Store = store.as_ref();
    let other = unit(|tx| Box::pin(async move { tx.tenant_key("other").await }));
    assert_eq!(store.read(&main_tenant(), other).await.unwrap(), None);
}

fn put_token(tx: &mut Transaction<'_>) -> Token {
    let token = Token {
        id: ConnectionId(tx.new_id()),
        kind: TokenKind::Idp,
        name: "Entra".to_owned(),
        person: Some(ResourceId::new(Uuid::from_u128(7))),
        policy: "strict".parse().unwrap(),
        created: tx.now(),
        expires: None,
        revoked: None,
        last_used: None,
        active: false,
        scopes: Some("hosts.read".to_owned()),
        networks: Some("10.0.0.0/8".to_owned()),
        settings: Some("{}".to_owned()),
        version: scim_core::Version(3),
        modified: tx.now(),
    };
    tx.put_token(token.clone());
    token
}

/// A token is found by any of its secrets' hashes; what was revoked stays revoked.
pub async fn tokens_and_secrets<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let add = unit(|tx| {
        Box::pin(async move {
            let token = put_token(tx);
            for (byte, purpose) in [
                (1, SecretPurpose::Connection),
                (2, SecretPurpose::AccessToken),
            ] {
                tx.put_secret(Secret {
                    token: token.id,
                    purpose,
                    hash: [byte; 32],
                    created: tx.now(),
                    expires: None,
                });
            }
            Ok(token)
        })
    });
    let token = store.write(&main_tenant(), add).await.unwrap();
    let by_hash = async |byte: u8| {
        let find = unit(move |tx| Box::pin(async move { tx.token_by_hash(&[byte; 32]).await }));
        let found = store.read(&main_tenant(), find).await.unwrap();
        found.map(|(found, secret)| {
            assert_eq!(found, token);
            secret.purpose
        })
    };
    assert_eq!(by_hash(1).await, Some(SecretPurpose::Connection));
    assert_eq!(by_hash(2).await, Some(SecretPurpose::AccessToken));
    assert_eq!(by_hash(3).await, None);
    let remove = unit(|tx| {
        Box::pin(async move {
            tx.remove_secret([2; 32]);
            tx.remove_secret([3; 32]);
            Ok(())
        })
    });
    store.write(&main_tenant(), remove).await.unwrap();
    assert_eq!(by_hash(1).await, Some(SecretPurpose::Connection));
    assert_eq!(by_hash(2).await, None);
    let revoke = async |revoked: bool| {
        let token = token.clone();
        let put = unit(move |tx| {
            let token = token.clone();
            Box::pin(async move {
                let revoked = revoked.then(|| tx.now());
                tx.put_token(Token { revoked, ..token });
                Ok(())
            })
        });
        store.write(&main_tenant(), put).await.unwrap();
    };
    revoke(true).await;
    revoke(false).await;
    let id = token.id.0;
    let get =
        unit(move |tx| Box::pin(async move { Ok((tx.token(id).await?, tx.tokens().await?)) }));
    let (one, all) = store.read(&main_tenant(), get).await.unwrap();
    assert!(one.is_some_and(|token| token.revoked.is_some()));
    assert_eq!(all.len(), 1);
}

/// A token trusts one issuer at most, and is found by it in its own tenant.
pub async fn trusts_are_found_by_issuer<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let add = unit(|tx| Box::pin(async move { Ok([put_token(tx).id, put_token(tx).id]) }));
    let [first, second] = store.write(&main_tenant(), add).await.unwrap();
    let trusting = |token: ConnectionId, issuer: &str, keys: TrustedKeys| Trust {
        token,
        issuer: issuer.to_owned(),
        audience: "api://scim".to_owned(),
        subject: "s".to_owned(),
        claims: BTreeMap::from([("appid".to_owned(), "a \" b".to_owned())]),
        keys,
        created: jiff::Timestamp::UNIX_EPOCH,
    };
    let url = || TrustedKeys::Url("https://a.example/keys".to_owned());
    let document = || TrustedKeys::Document(r#"{"keys":[]}"#.to_owned());
    let put = async |trusts: &[Trust], removed: &[ConnectionId]| {
        let (trusts, removed) = (trusts.to_vec(), removed.to_vec());
        let put = unit(move |tx| {
            trusts.iter().for_each(|trust| tx.put_trust(trust.clone()));
            removed.iter().for_each(|token| tx.remove_trust(token.0));
            Box::pin(async move { Ok(()) })
        });
        store.write(&main_tenant(), put).await.unwrap();
    };
    let found = async |tenant: &TenantId, issuer: Option<&'static str>| {
        let find = unit(move |tx| Box::pin(async move { tx.trusts(issuer).await }));
        let found = store.read(tenant, find).await.unwrap();
        let trust = |(token, trust): (Token, Trust)| {
            assert_eq!(token.id, trust.token);
            trust
        };
        found.into_iter().map(trust).collect::<Vec<_>>()
    };
    let (one, two) = (
        trusting(first, "https://a.example", url()),
        trusting(second, "https://a.example", document()),
    );
    put(&[one.clone(), two.clone()], &[]).await;
    let a = Some("https://a.example");
    assert_eq!(found(&main_tenant(), a).await, [one, two.clone()]);
    let elsewhere = trusting(first, "https://a.example/", url());
    put(std::slice::from_ref(&elsewhere), &[]).await;
    assert_eq!(found(&main_tenant(), a).await, std::slice::from_ref(&two));
    assert_eq!(found(&main_tenant(), None).await, [elsewhere, two.clone()]);
    assert_eq!(found(&"other".parse().unwrap(), None).await, []);
    put(&[], &[first]).await;
    assert_eq!(found(&main_tenant(), None).await, [two]);
}
